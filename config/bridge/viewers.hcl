# A Snowbridge configuration: of the enriched events the main media events, each as the eight fields
# of the accelerator. The file's grammar and what is supported: docs/bridge.md
transform {
  use "spEnrichedFilter" {
    atomic_field  = "event"
    regex         = "^unstruct$"
    filter_action = "keep"
  }
}

transform {
  use "spEnrichedFilter" {
    atomic_field  = "event_name"
    regex         = "^(play|pause|ping|end|ad_break.*)_event$"
    filter_action = "keep"
  }
}

transform {
  use "js" {
    script_path   = env.BRIDGE_SCRIPT
    snowplow_mode = true
  }
}
