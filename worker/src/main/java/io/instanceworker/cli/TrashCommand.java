package io.instanceworker.cli;

import io.instanceworker.cli.console.Invocation;
import io.instanceworker.contracts.Operation;
import io.instanceworker.contracts.job.StatusPageJob;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

@Command(name = "trash", description = "deleted databases that can be restored", synopsisSubcommandLabel = "COMMAND")
final class TrashCommand {

    @Command(name = "list", description = "lists the deleted databases of a server in pages, ordered by their names")
    static final class List extends JobCommand {

        @Option(names = "--tenant", description = "only databases of this tenant")
        private @Nullable String tenant;

        @Option(names = "--name-prefix", description = "only databases whose names began with this")
        private @Nullable String namePrefix;

        @Option(names = "--page", defaultValue = "1", description = "from 1")
        private int page;

        @Option(
                names = "--per-page",
                defaultValue = "" + StatusPageJob.DEFAULT_PER_PAGE,
                description = "1 to " + StatusPageJob.MAX_PER_PAGE + "; ${DEFAULT-VALUE} if not given")
        private int perPage;

        List(Invocation invocation) {
            super(Operation.STATUS, invocation);
        }

        @Override
        void putInto(ObjectNode message) {
            message.put("trash", true).put("page", page).put("perPage", perPage);
            message.putObject("filter").put("tenant", tenant).put("namePrefix", namePrefix);
        }
    }
}
