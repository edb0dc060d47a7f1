package io.instanceworker.endtoend;

import java.util.ArrayList;
import java.util.List;

/**
 * What holds whatever was killed and whenever, read off the broker and the database server once no job is under way any
 * more. Each violation is one sentence with what was seen; none means that all holds.
 */
final class Invariants {

    private final ServerState server;
    private final UntouchedDatabases bystanders;

    /**
     * @param role the worker's
     * @param prefix how the names of all databases begin that jobs are sent for
     */
    Invariants(Databases databases, String role, String prefix, UntouchedDatabases bystanders) {
        this.server = new ServerState(databases, role, prefix, bystanders);
        this.bystanders = bystanders;
    }

    /** @param workersLive whether there is a worker that may have idle sessions in its pool */
    List<String> violations(Evidence evidence, boolean workersLive) {
        List<String> violations = new ArrayList<>(PublishedEnds.violations(evidence));
        violations.addAll(server.databaseViolations(evidence));
        violations.addAll(server.sessionViolations(evidence, workersLive));
        violations.addAll(bystanders.violations());
        violations.addAll(Recordings.violations(evidence, server.marks()));
        return violations;
    }
}
