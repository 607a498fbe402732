variable "shape" {
  description = "single: all stages in one process on one machine. distributed: each a service of Fargate, on MSK."
  type        = string
  default     = "single"
  validation {
    condition     = contains(["single", "distributed"], var.shape)
    error_message = "shape is single or distributed."
  }
}

variable "region" {
  description = "Where everything is made."
  type        = string
}

variable "name" {
  description = "What names of resources begin with."
  type        = string
  default     = "lvp"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,15}$", var.name))
    error_message = "name is at most 16 small letters, digits and hyphens."
  }
}

variable "token" {
  description = "Token that dashboard, API and metrics ask for."
  type        = string
  sensitive   = true
  validation {
    condition     = can(regex("^[A-Za-z0-9._~-]{16,}$", var.token))
    error_message = "token is at least 16 letters, digits or . _ ~ -."
  }
}

variable "dashboard_cidrs" {
  description = "Addresses that may reach the dashboard, such as 203.0.113.0/24; none by default."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for cidr in var.dashboard_cidrs : can(cidrhost(cidr, 0))])
    error_message = "dashboard_cidrs are networks in CIDR notation."
  }
}

variable "certificate_arn" {
  description = "Certificate of ACM for collector and dashboard. Without it they speak HTTP: for trying out."
  type        = string
  default     = null
}

variable "vpc_id" {
  description = "VPC to be used; by default the region's default one."
  type        = string
  default     = null
}

variable "subnet_ids" {
  description = "Three public subnets of it in different zones; by default the first three that it has."
  type        = list(string)
  default     = null
  validation {
    condition     = var.subnet_ids == null ? true : length(var.subnet_ids) == 3
    error_message = "subnet_ids are three."
  }
}

variable "tables" {
  description = "Whether the sink fills two tables in DynamoDB: docs/sink.md."
  type        = bool
  default     = true
}

variable "log_days" {
  description = "How long CloudWatch keeps logs."
  type        = number
  default     = 30
}

# ---- single ----

variable "package" {
  description = "Path of the Debian package (deploy/README.md)."
  type        = string
  default     = null
  validation {
    condition     = var.shape != "single" ? true : try(fileexists(var.package), false)
    error_message = "single needs package, the path of lvp_VERSION_amd64.deb."
  }
}

variable "instance_type" {
  description = "Type of the machine, x86-64."
  type        = string
  default     = "m7i.large"
}

variable "data_gib" {
  description = "Size of the volume for what is kept: seven streams of at most 8 GiB, and profiles."
  type        = number
  default     = 100
}

# ---- distributed ----

variable "image" {
  description = "Image of deploy/docker/Dockerfile in a registry that Fargate reaches."
  type        = string
  default     = null
  validation {
    condition     = var.shape != "distributed" ? true : var.image != null
    error_message = "distributed needs image, such as ACCOUNT.dkr.ecr.REGION.amazonaws.com/lvp:VERSION."
  }
}

variable "partitions" {
  description = "streams.partitions: the most tasks that share a stage. It cannot be changed later."
  type        = number
  default     = 12
}

variable "broker_type" {
  description = "Type of the three brokers."
  type        = string
  default     = "kafka.m7g.large"
}

variable "broker_gib" {
  description = "Disk of each broker."
  type        = number
  default     = 200
}

variable "stages" {
  description = "Size and number of tasks by stage (docs/sizing.md): CPU units, MiB, least and most. Most tasks work on one core."
  type        = map(object({ cpu = number, memory = number, min = number, max = number }))
  default = {
    collect = { cpu = 1024, memory = 2048, min = 2, max = 10 }
    enrich  = { cpu = 1024, memory = 2048, min = 2, max = 12 }
    bridge  = { cpu = 512, memory = 1024, min = 2, max = 6 }
    profile = { cpu = 1024, memory = 4096, min = 2, max = 12 }
    serve   = { cpu = 1024, memory = 4096, min = 2, max = 2 }
    sink    = { cpu = 256, memory = 1024, min = 1, max = 1 }
  }
  validation {
    condition     = toset(keys(var.stages)) == toset(["collect", "enrich", "bridge", "profile", "serve", "sink"])
    error_message = "stages are collect, enrich, bridge, profile, serve and sink."
  }
}
