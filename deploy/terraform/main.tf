# What both shapes have: where they are, who reaches whom, the token, the log, the tables.

locals {
  single      = var.shape == "single"
  distributed = var.shape == "distributed"
  tls         = var.certificate_arn != null
  subnets     = var.subnet_ids != null ? var.subnet_ids : slice(sort(data.aws_subnets.all.ids), 0, 3)
  # What the load balancer sends where. A collector is asked whether it lives: with brokers away it
  # answers 503 by itself, and a new one would not do better.
  doors = {
    collect = { port = 9090, listen = local.tls ? 443 : 80, health = "/health", from = ["0.0.0.0/0"] }
    serve   = { port = 8280, listen = 8280, health = "/readyz", from = var.dashboard_cidrs }
  }
}

data "aws_vpc" "this" {
  id      = var.vpc_id
  default = var.vpc_id == null ? true : null
}

data "aws_subnets" "all" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.this.id]
  }
}

resource "aws_security_group" "lvp" {
  name        = "${var.name}-processes"
  description = "Processes of lvp"
  vpc_id      = data.aws_vpc.this.id
}

resource "aws_vpc_security_group_egress_rule" "lvp" {
  security_group_id = aws_security_group.lvp.id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_vpc_security_group_ingress_rule" "lvp" {
  for_each                     = local.doors
  security_group_id            = aws_security_group.lvp.id
  referenced_security_group_id = aws_security_group.balancer.id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_ssm_parameter" "token" {
  name  = "/${var.name}/token"
  type  = "SecureString"
  value = var.token
}

resource "aws_cloudwatch_log_group" "lvp" {
  name              = "/${var.name}"
  retention_in_days = var.log_days
}

# Keys as docs/sink.md has them.
resource "aws_dynamodb_table" "lvp" {
  for_each = { for name, keys in {
    video_events    = ["viewer_id", "collector_tstamp"]
    viewer_profiles = ["viewer", "device"]
  } : name => keys if var.tables }
  name         = "${var.name}-${each.key}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = each.value[0]
  range_key    = each.value[1]
  dynamic "attribute" {
    for_each = each.value
    content {
      name = attribute.value
      type = "S"
    }
  }
}

# What the sink may do with them.
data "aws_iam_policy_document" "tables" {
  count = var.tables ? 1 : 0
  statement {
    actions = [
      "dynamodb:DescribeTable", "dynamodb:BatchWriteItem", "dynamodb:PutItem", "dynamodb:DeleteItem",
      "dynamodb:BatchGetItem",
    ]
    resources = [for table in aws_dynamodb_table.lvp : table.arn]
  }
}
