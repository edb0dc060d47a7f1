package io.instanceworker.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** The instance that a job is about. */
final class InstanceOptions {

    @Parameters(
            arity = "0..1",
            paramLabel = "DATABASE",
            description = "the instance's database; if not given, its name is derived from --name")
    @Nullable String database;

    @Option(names = "--id", description = "the instance's id; if not given, the database's name")
    private @Nullable String id;

    @Option(names = "--tenant", description = "the instance's tenant")
    @Nullable String tenant;

    @Option(names = "--name", description = "the instance's display name")
    private @Nullable String name;

    @Option(
            names = "--template",
            description = "Add: the template; '' for an empty database. The other operations only use it to derive the"
                    + " database's name from --name")
    private @Nullable String template;

    /** Whether the options name one instance. */
    boolean isGiven() {
        return database != null || id != null || name != null;
    }

    void putInto(ObjectNode message) {
        message.putObject("instance")
                .put("id", id)
                .put("tenant", tenant)
                .put("name", name)
                .put("databaseName", database);
        message.put("template", template);
    }
}
