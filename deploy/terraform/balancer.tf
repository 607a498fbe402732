# The load balancer: trackers from anywhere, dashboards from var.dashboard_cidrs.

resource "aws_security_group" "balancer" {
  name        = "${var.name}-balancer"
  description = "Load balancer in front of lvp"
  vpc_id      = data.aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "balancer" {
  for_each = { for rule in flatten([
    for name, door in local.doors : [for cidr in door.from : { name = name, port = door.listen, cidr = cidr }]
  ]) : "${rule.name} ${rule.cidr}" => rule }
  security_group_id = aws_security_group.balancer.id
  cidr_ipv4         = each.value.cidr
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "balancer" {
  for_each                     = local.doors
  security_group_id            = aws_security_group.balancer.id
  referenced_security_group_id = aws_security_group.lvp.id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_lb" "this" {
  name                       = var.name
  security_groups            = [aws_security_group.balancer.id]
  subnets                    = local.subnets
  idle_timeout               = 60 # less than collector.idle_wait, and more than WebSockets are silent
  drop_invalid_header_fields = true
}

resource "aws_lb_target_group" "this" {
  for_each             = local.doors
  name                 = "${var.name}-${each.key}"
  vpc_id               = data.aws_vpc.this.id
  target_type          = local.single ? "instance" : "ip"
  protocol             = "HTTP"
  port                 = each.value.port
  deregistration_delay = 30
  health_check {
    path     = each.value.health
    interval = 10
    timeout  = 5
  }
}

resource "aws_lb_listener" "this" {
  for_each          = local.doors
  load_balancer_arn = aws_lb.this.arn
  port              = each.value.listen
  protocol          = local.tls ? "HTTPS" : "HTTP"
  certificate_arn   = var.certificate_arn
  ssl_policy        = local.tls ? "ELBSecurityPolicy-TLS13-1-2-2021-06" : null
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.key].arn
  }
}
