package io.instanceworker.contracts.job;

import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.Operation;
import org.jspecify.annotations.Nullable;

/**
 * Reports the state of a server's databases, one page at a time, ordered by name. It is a {@code Status} without an instance.
 *
 * @param all whether to report unmanaged databases too
 * @param page from 1
 * @param perPage 1 to 1,000
 * @param sizes whether to measure the databases of the page: their size and active connections
 * @param trash whether to report the deleted databases in the trash, and no others
 */
public record StatusPageJob(
        JobHeader header, boolean all, int page, int perPage, Filter filter, boolean sizes, boolean trash)
        implements Job {

    public static final int DEFAULT_PER_PAGE = 100;
    public static final int MAX_PER_PAGE = 1_000;

    /** @throws IllegalArgumentException if page or perPage is out of its range */
    public StatusPageJob {
        if (page < 1 || perPage < 1 || perPage > MAX_PER_PAGE) {
            throw new IllegalArgumentException("page is from 1, perPage from 1 to " + MAX_PER_PAGE);
        }
    }

    /** For the databases that are not in the trash. */
    public StatusPageJob(JobHeader header, boolean all, int page, int perPage, Filter filter, boolean sizes) {
        this(header, all, page, perPage, filter, sizes, false);
    }

    @Override
    public Operation operation() {
        return Operation.STATUS;
    }

    /** Which databases to report. A part that is null does not filter. */
    public record Filter(
            @Nullable String tenant,
            @Nullable InstanceState state,
            @Nullable String namePrefix) {
        public static final Filter NONE = new Filter(null, null, null);
    }
}
