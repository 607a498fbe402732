# One machine with a volume of its own, which outlives it.

data "aws_ami" "debian" {
  count       = local.single ? 1 : 0
  owners      = ["136693071363"] # Debian
  most_recent = true
  filter {
    name   = "name"
    values = ["debian-12-amd64-*"]
  }
}

data "aws_subnet" "machine" {
  count = local.single ? 1 : 0
  id    = local.subnets[0]
}

resource "aws_s3_bucket" "package" {
  count         = local.single ? 1 : 0
  bucket_prefix = "${var.name}-package-"
  force_destroy = true
}

resource "aws_s3_object" "package" {
  count       = local.single ? 1 : 0
  bucket      = aws_s3_bucket.package[0].id
  key         = "lvp-${filemd5(var.package)}.deb"
  source      = var.package
  source_hash = filemd5(var.package)
}

data "aws_iam_policy_document" "machine" {
  count                   = local.single ? 1 : 0
  source_policy_documents = data.aws_iam_policy_document.tables[*].json
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.package[0].arn}/*"]
  }
  statement {
    actions   = ["ssm:GetParameter"]
    resources = [aws_ssm_parameter.token.arn]
  }
  statement {
    actions   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.lvp.arn}:*"]
  }
}

resource "aws_iam_role" "machine" {
  count = local.single ? 1 : 0
  name  = "${var.name}-machine"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "machine" {
  count  = local.single ? 1 : 0
  role   = aws_iam_role.machine[0].id
  policy = data.aws_iam_policy_document.machine[0].json
}

# A shell on the machine by `aws ssm start-session`; no port is open for it.
resource "aws_iam_role_policy_attachment" "session" {
  count      = local.single ? 1 : 0
  role       = aws_iam_role.machine[0].name
  policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_instance_profile" "machine" {
  count = local.single ? 1 : 0
  name  = "${var.name}-machine"
  role  = aws_iam_role.machine[0].name
}

resource "aws_ebs_volume" "data" {
  count             = local.single ? 1 : 0
  availability_zone = data.aws_subnet.machine[0].availability_zone
  type              = "gp3"
  size              = var.data_gib
  encrypted         = true
  tags              = { Name = "${var.name}-data" }
}

resource "aws_instance" "machine" {
  count                       = local.single ? 1 : 0
  ami                         = data.aws_ami.debian[0].id
  instance_type               = var.instance_type
  subnet_id                   = data.aws_subnet.machine[0].id
  vpc_security_group_ids      = [aws_security_group.lvp.id]
  associate_public_ip_address = true
  iam_instance_profile        = aws_iam_instance_profile.machine[0].name
  user_data_replace_on_change = true
  user_data = templatefile("${path.module}/start.sh.tftpl", {
    region    = var.region
    volume    = aws_ebs_volume.data[0].id
    token     = aws_ssm_parameter.token.name
    bucket    = aws_s3_bucket.package[0].id
    package   = aws_s3_object.package[0].key
    log_group = aws_cloudwatch_log_group.lvp.name
    configuration = templatefile("${path.module}/lvp.toml.tftpl", {
      region   = var.region
      events   = try(aws_dynamodb_table.lvp["video_events"].name, "")
      profiles = try(aws_dynamodb_table.lvp["viewer_profiles"].name, "")
    })
  })
  metadata_options {
    http_tokens = "required"
  }
  root_block_device {
    volume_size = 10
    encrypted   = true
  }
  tags = { Name = var.name }
  lifecycle {
    ignore_changes = [ami] # a newer image is no reason for a new machine
  }
  # What start.sh needs.
  depends_on = [aws_iam_role_policy.machine, aws_vpc_security_group_egress_rule.lvp]
}

resource "aws_volume_attachment" "data" {
  count                          = local.single ? 1 : 0
  device_name                    = "/dev/sdf"
  volume_id                      = aws_ebs_volume.data[0].id
  instance_id                    = aws_instance.machine[0].id
  stop_instance_before_detaching = true
}

resource "aws_lb_target_group_attachment" "machine" {
  for_each         = { for name, door in local.doors : name => door if local.single }
  target_group_arn = aws_lb_target_group.this[each.key].arn
  target_id        = aws_instance.machine[0].id
}
