package io.instanceworker.cli;

import io.instanceworker.cli.console.Invocation;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.job.StatusPageJob;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

@Command(
        name = "status",
        description =
                "shows the state of a database, or, if none is named, of all managed databases of a server in pages")
final class StatusCommand extends JobCommand {

    @Mixin
    private final InstanceOptions instance = new InstanceOptions();

    @Option(names = "--all", description = "unmanaged databases too")
    private boolean all;

    @Option(names = "--page", defaultValue = "1", description = "from 1")
    private int page;

    @Option(
            names = "--per-page",
            defaultValue = "" + StatusPageJob.DEFAULT_PER_PAGE,
            description = "1 to " + StatusPageJob.MAX_PER_PAGE + "; ${DEFAULT-VALUE} if not given")
    private int perPage;

    @Option(names = "--state", description = "only databases in this state, such as ONLINE; --tenant selects too")
    private @Nullable String state;

    @Option(names = "--name-prefix", description = "only databases whose names begin with this")
    private @Nullable String namePrefix;

    @Option(names = "--no-sizes", description = "does not measure sizes and sessions, so that the answer is quick")
    private boolean noSizes;

    StatusCommand(Invocation invocation) {
        super(Operation.STATUS, invocation);
    }

    @Override
    void putInto(ObjectNode message) {
        if (instance.isGiven()) {
            instance.putInto(message);
            return;
        }
        message.put("all", all).put("page", page).put("perPage", perPage).put("sizes", !noSizes);
        message.putObject("filter")
                .put("tenant", instance.tenant)
                .put("state", state)
                .put("namePrefix", namePrefix);
    }
}
