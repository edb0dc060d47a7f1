package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.sql.SQLException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How the server copies the source's files: through the write-ahead log, block by block, or file by file between two
 * checkpoints. Versions before 15 always copy file by file and have no clause for it.
 */
enum CopyStrategy {
    /** The faster one for the size of the source. */
    AUTO,
    WAL_LOG,
    FILE_COPY,
    /**
     * As FILE_COPY, by asking the file system to share the blocks. It is used only where it is asked for: on Linux the
     * server calls copy_file_range, which copies where the file system cannot share, so the server cannot say which it did.
     */
    CLONE;

    private static final int STRATEGY_SINCE = 15;
    private static final int CLONE_SINCE = 18;

    /**
     * The time of wal_log grows with the size. That of file_copy starts with the time of two checkpoints and then grows
     * slowly. Measured on 15.19 and 18.6, the two were equal between 32 MB (idle disk) and 128 MB (busy disk, where
     * checkpoints wait); docs/postgresql.md has the numbers.
     */
    private static final long FILE_COPY_FROM_BYTES = 64L << 20;

    /**
     * The clause for CREATE DATABASE, empty where the server's default is meant.
     *
     * @throws ProvisioningException {@code UNSUPPORTED_BY_SERVER} if the server is too old for what the settings ask for
     */
    String prepare(PostgresLock lock, String source) throws SQLException {
        requireVersion(lock.majorVersion());
        if (lock.majorVersion() < STRATEGY_SINCE) {
            return "";
        }
        if (this == CLONE) {
            // It stays set for this session, whose later copies use the same strategy.
            lock.execute("SET file_copy_method = clone");
        }
        boolean byFile = this == AUTO ? isLarge(DatabaseSizes.one(lock.session(), source)) : this != WAL_LOG;
        return byFile ? " STRATEGY file_copy" : " STRATEGY wal_log";
    }

    /** A database whose size may not be read counts as small: wal_log is the server's default. */
    private static boolean isLarge(@Nullable Long bytes) {
        return bytes != null && bytes >= FILE_COPY_FROM_BYTES;
    }

    private void requireVersion(int major) {
        int since = this == CLONE ? CLONE_SINCE : this == WAL_LOG ? STRATEGY_SINCE : 0;
        if (major < since) {
            throw new ProvisioningException(
                    ErrorCode.UNSUPPORTED_BY_SERVER,
                    "The setting copy-strategy is " + name().toLowerCase(Locale.ROOT) + ", which PostgreSQL has from "
                            + since + " on, and the server is PostgreSQL " + major + ". Set it to auto.");
        }
    }
}
