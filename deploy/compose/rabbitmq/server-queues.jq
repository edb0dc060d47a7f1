# From definitions.json the same for several servers: each has the two queues of jobs for itself.
#   jq -f server-queues.jq definitions.json --args SERVER...
["instance.jobs.provision", "instance.jobs.query"] as $common |
{
  queues: [.queues[] | select(.name | IN($common[])) | $ARGS.positional[] as $server | .name += "." + $server],
  bindings: [.bindings[] | select(.source == "instance.jobs") | $ARGS.positional[] as $server |
    .destination += "." + $server | .routing_key += "." + $server]
}
