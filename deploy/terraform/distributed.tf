# Streams in MSK, each stage a service of Fargate.

locals {
  stages = { for name, size in var.stages : name => size if local.distributed && (name != "sink" || var.tables) }
  # What differs from /etc/lvp/distributed.toml, which is in the image.
  environment = local.distributed ? merge({
    LVP__KAFKA__BROKERS                    = aws_msk_cluster.this[0].bootstrap_brokers_tls
    LVP__KAFKA__PROPERTIES                 = "{\"security.protocol\" = \"SSL\"}"
    LVP__STREAMS__PARTITIONS               = tostring(var.partitions)
    LVP__PRIVATE__ADDRESS                  = "0.0.0.0"
    LVP__COLLECTOR__RATE_BY_FORWARDED_FOR  = "true"
    LVP__COLLECTOR__BOUNCE_PROTOCOL_HEADER = "X-Forwarded-Proto"
    }, var.tables ? {
    LVP__SINK__TABLE    = "dynamodb:"
    LVP__SINK__EVENTS   = aws_dynamodb_table.lvp["video_events"].name
    LVP__SINK__PROFILES = aws_dynamodb_table.lvp["viewer_profiles"].name
    LVP__SINK__CREATE   = "false"
    LVP__SINK__REGION   = var.region
  } : {}) : {}
}

resource "aws_security_group" "kafka" {
  count       = local.distributed ? 1 : 0
  name        = "${var.name}-kafka"
  description = "Brokers"
  vpc_id      = data.aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "kafka" {
  count                        = local.distributed ? 1 : 0
  security_group_id            = aws_security_group.kafka[0].id
  referenced_security_group_id = aws_security_group.lvp.id
  ip_protocol                  = "tcp"
  from_port                    = 9094
  to_port                      = 9094
}

resource "aws_msk_configuration" "this" {
  count             = local.distributed ? 1 : 0
  name              = var.name
  server_properties = <<-END
    auto.create.topics.enable=false
    default.replication.factor=3
    min.insync.replicas=2
  END
}

# Whoever reaches the brokers may use them: the security group says who does. To ask for names and
# passwords, change client_authentication and add the sasl.* properties (docs/streams.md).
resource "aws_msk_cluster" "this" {
  count                  = local.distributed ? 1 : 0
  cluster_name           = var.name
  kafka_version          = "3.8.x"
  number_of_broker_nodes = 3
  broker_node_group_info {
    instance_type   = var.broker_type
    client_subnets  = local.subnets
    security_groups = [aws_security_group.kafka[0].id]
    storage_info {
      ebs_storage_info {
        volume_size = var.broker_gib
      }
    }
  }
  configuration_info {
    arn      = aws_msk_configuration.this[0].arn
    revision = aws_msk_configuration.this[0].latest_revision
  }
  client_authentication {
    unauthenticated = true
  }
  encryption_info {
    encryption_in_transit {
      client_broker = "TLS"
    }
  }
}

resource "aws_iam_role" "tasks" {
  for_each = local.distributed ? toset(var.tables ? ["start", "sink"] : ["start"]) : toset([])
  name     = "${var.name}-${each.key}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}

# To start a task: image, log, token. The program itself gets none of it.
resource "aws_iam_role_policy_attachment" "start" {
  count      = local.distributed ? 1 : 0
  role       = aws_iam_role.tasks["start"].name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_iam_role_policy" "token" {
  count = local.distributed ? 1 : 0
  role  = aws_iam_role.tasks["start"].id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "ssm:GetParameters", Resource = aws_ssm_parameter.token.arn }]
  })
}

resource "aws_iam_role_policy" "sink" {
  count  = local.distributed && var.tables ? 1 : 0
  role   = aws_iam_role.tasks["sink"].id
  policy = data.aws_iam_policy_document.tables[0].json
}

resource "aws_ecs_cluster" "this" {
  count = local.distributed ? 1 : 0
  name  = var.name
}

resource "aws_ecs_task_definition" "stage" {
  for_each                 = local.stages
  family                   = "${var.name}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = each.value.cpu
  memory                   = each.value.memory
  execution_role_arn       = aws_iam_role.tasks["start"].arn
  task_role_arn            = each.key == "sink" ? aws_iam_role.tasks["sink"].arn : null
  container_definitions = jsonencode([{
    name         = "lvp"
    image        = var.image
    essential    = true
    command      = ["up", "--stages", each.key, "--config", "/etc/lvp/distributed.toml"]
    environment  = [for name, value in local.environment : { name = name, value = value }]
    secrets      = [{ name = "LVP__PRIVATE__TOKEN", valueFrom = aws_ssm_parameter.token.arn }]
    portMappings = [for door in try([local.doors[each.key]], []) : { containerPort = door.port }]
    stopTimeout  = 30
    ulimits      = [{ name = "nofile", softLimit = 65536, hardLimit = 65536 }]
    healthCheck = {
      command     = ["CMD-SHELL", "curl -fsS \"$(cat /var/lib/lvp/running.url)/healthz\""]
      startPeriod = 120
    }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.lvp.name
        awslogs-region        = var.region
        awslogs-stream-prefix = each.key
      }
    }
  }])
}

resource "aws_ecs_service" "stage" {
  for_each        = local.stages
  name            = each.key
  cluster         = aws_ecs_cluster.this[0].id
  task_definition = aws_ecs_task_definition.stage[each.key].arn
  launch_type     = "FARGATE"
  desired_count   = each.value.min
  # A serve process is ready once it has read all of updates.
  health_check_grace_period_seconds = contains(keys(local.doors), each.key) ? 600 : null
  network_configuration {
    subnets          = local.subnets
    security_groups  = [aws_security_group.lvp.id]
    assign_public_ip = true # to reach the registry and AWS without a gateway
  }
  dynamic "load_balancer" {
    for_each = try([local.doors[each.key]], [])
    content {
      target_group_arn = aws_lb_target_group.this[each.key].arn
      container_name   = "lvp"
      container_port   = load_balancer.value.port
    }
  }
  lifecycle {
    ignore_changes = [desired_count] # it is the autoscaler's
  }
  depends_on = [
    aws_iam_role_policy.sink, aws_iam_role_policy.token, aws_iam_role_policy_attachment.start,
    aws_lb_listener.this, aws_vpc_security_group_egress_rule.lvp, aws_vpc_security_group_ingress_rule.kafka,
  ]
}

resource "aws_appautoscaling_target" "stage" {
  for_each           = { for name, size in local.stages : name => size if size.max > size.min }
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.this[0].name}/${aws_ecs_service.stage[each.key].name}"
  min_capacity       = each.value.min
  max_capacity       = each.value.max
}

# Half is left for peaks, restarts and catching up.
resource "aws_appautoscaling_policy" "stage" {
  for_each           = aws_appautoscaling_target.stage
  name               = "${var.name}-${each.key}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = each.value.service_namespace
  scalable_dimension = each.value.scalable_dimension
  resource_id        = each.value.resource_id
  target_tracking_scaling_policy_configuration {
    target_value       = 50
    scale_in_cooldown  = 300
    scale_out_cooldown = 60
    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}
