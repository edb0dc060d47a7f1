package io.instanceworker.cli;

import io.instanceworker.cli.console.UsageException;
import io.instanceworker.contracts.job.CopyJob;
import io.instanceworker.contracts.job.InstanceJob;
import io.instanceworker.contracts.job.Job;
import io.instanceworker.provision.NamingRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A database that a row changes, or from which it copies.
 *
 * @param database its name, as the row gives it or derived from the display name
 * @param anyTemplate whether an underscore and the name of a template may follow, which only the worker knows
 * @param server null for the default server, which only the worker knows
 * @param changes false if the row only copies from it
 */
record DatabaseUse(
        int line,
        String database,
        boolean anyTemplate,
        @Nullable String server,
        boolean changes) {

    static List<DatabaseUse> of(int line, Job job) {
        List<DatabaseUse> uses = new ArrayList<>();
        if (job.operation().changesDatabases() && job instanceof InstanceJob about) {
            String server = job.header().server();
            String named = about.instance().databaseName();
            String database = named == null ? derived(about) : named;
            uses.add(new DatabaseUse(line, database, named == null && about.template() == null, server, true));
            if (job instanceof CopyJob copy) {
                uses.add(new DatabaseUse(line, copy.sourceDatabaseName(), false, server, false));
            }
        }
        return uses;
    }

    private static String derived(InstanceJob job) {
        String template = job.template();
        return NamingRules.derived(
                Objects.requireNonNull(job.instance().name()),
                template == null || template.isEmpty() ? null : template);
    }

    /**
     * Jobs of one file run beside each other, so a row must not change a database that another row changes or copies from.
     *
     * @throws UsageException if that may be so
     */
    void requireCertainOrder(DatabaseUse earlier) {
        if ((!changes && !earlier.changes) || !mayBeSame(earlier)) {
            return;
        }
        String same = "the database " + (anyTemplate ? earlier.database : database);
        throw new UsageException("line " + earlier.line
                + (!earlier.changes
                        ? " copies from " + same + ", which this line changes"
                        : " changes " + same + (changes ? " too" : ", from which this line copies"))
                + ". Jobs of one file run in any order; put these two into two files.");
    }

    boolean equalsButLine(DatabaseUse other) {
        return equals(new DatabaseUse(line, other.database, other.anyTemplate, other.server, other.changes));
    }

    /** In doubt true. Case does not count, because it does not on most SQL Servers. */
    private boolean mayBeSame(DatabaseUse other) {
        return (server == null || other.server == null || server.equalsIgnoreCase(other.server))
                && (database.equalsIgnoreCase(other.database) || mayEndAs(other) || other.mayEndAs(this));
    }

    private boolean mayEndAs(DatabaseUse other) {
        String start = database + "_";
        return anyTemplate && !other.anyTemplate && other.database.regionMatches(true, 0, start, 0, start.length());
    }
}
