output "collector_url" {
  description = "Where trackers send. With a certificate make its name an alias of this one."
  value       = "${local.tls ? "https" : "http"}://${aws_lb.this.dns_name}"
}

output "dashboard_url" {
  description = "The dashboard, for addresses in dashboard_cidrs; open it with #token=TOKEN behind it."
  value       = "${local.tls ? "https" : "http"}://${aws_lb.this.dns_name}:${local.doors.serve.listen}/"
}

output "log_group" {
  description = "Where the logs are in CloudWatch."
  value       = aws_cloudwatch_log_group.lvp.name
}

output "tables" {
  description = "Tables of DynamoDB by what they hold."
  value       = { for key, table in aws_dynamodb_table.lvp : key => table.name }
}

output "instance_id" {
  description = "The machine of single: aws ssm start-session --target ID."
  value       = one(aws_instance.machine[*].id)
}

output "kafka_brokers" {
  description = "Brokers of distributed, within the VPC."
  value       = one(aws_msk_cluster.this[*].bootstrap_brokers_tls)
}
