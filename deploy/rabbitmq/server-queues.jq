# From definitions.json the queues and bindings that each of several servers has for itself:
#   jq -f server-queues.jq definitions.json --args SERVER... | rabbitmqctl import_definitions
["instance.jobs.provision", "instance.jobs.query"] as $common |
{
  queues: [.queues[] | select(.name | IN($common[])) | $ARGS.positional[] as $server | .name += "." + $server],
  bindings: [.bindings[] | select(.source == "instance.jobs") | $ARGS.positional[] as $server |
    .destination += "." + $server | .routing_key += "." + $server]
}
