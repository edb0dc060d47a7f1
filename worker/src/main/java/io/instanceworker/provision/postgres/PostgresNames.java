package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.DatabaseNameRules;
import io.instanceworker.contracts.provision.DatabaseNameRules.LengthUnit;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names: which ones fit, which staging database and which lock belong to a database. */
final class PostgresNames {

    static final String STAGING_PREFIX = "iw_staging_";

    private static final Pattern STAGING =
            Pattern.compile(STAGING_PREFIX + "([0-9a-f]{16})_(?:add|copy)_[0-9a-f]{16}_([0-9a-f]{8})");

    /** NAMEDATALEN - 1, in bytes. The server truncates a longer name with only a notice. */
    static final DatabaseNameRules RULES = new DatabaseNameRules(63, LengthUnit.UTF8_BYTES, true, STAGING_PREFIX);

    private PostgresNames() {}

    /** @throws ProvisioningException if the server could not hold the name exactly as it is */
    static void check(String databaseName) {
        if (databaseName.isEmpty() || databaseName.indexOf('\0') >= 0) {
            throw new ProvisioningException(
                    ErrorCode.INVALID_NAME, "A database name must not be empty or hold a NUL character.");
        }
        if (!RULES.fits(databaseName)) {
            throw new ProvisioningException(
                    ErrorCode.NAME_TOO_LONG,
                    "The database name is " + RULES.lengthOf(databaseName) + " bytes long in UTF-8; PostgreSQL holds "
                            + RULES.maxLength() + ". Choose a shorter one.");
        }
    }

    /**
     * The key of the advisory lock on a database name, the same for every worker. The name of a staging database contains
     * it too, so that the sweep knows which lock is held as long as a job uses that staging database.
     */
    static long lockKey(String databaseName) {
        return ByteBuffer.wrap(sha256(databaseName)).getLong();
    }

    /**
     * What the name of a staging database says.
     *
     * @param lockKey of the lock that a job holds as long as it uses the staging database
     * @param begunAt by the server's clock; PostgreSQL has no creation time of a database
     */
    record Staging(long lockKey, Instant begunAt) {}

    /** The staging database in which one job makes another database, recognisable by itself. */
    static String staging(String databaseName, String jobId, InstanceState whileMade, Instant begunAt) {
        return stagingPrefix(databaseName)
                + (whileMade == InstanceState.COPYING ? "copy_" : "add_")
                + HexFormat.of().formatHex(sha256(jobId), 0, 8)
                + "_"
                + HexFormat.of().toHexDigits((int) begunAt.getEpochSecond());
    }

    /** @return empty for a name that {@link #staging} cannot have made */
    static Optional<Staging> parseStaging(String databaseName) {
        Matcher name = STAGING.matcher(databaseName);
        return name.matches()
                ? Optional.of(new Staging(
                        Long.parseUnsignedLong(name.group(1), 16),
                        Instant.ofEpochSecond(Long.parseLong(name.group(2), 16))))
                : Optional.empty();
    }

    /** The prefix of the names of all staging databases of a database, of all jobs. */
    static String stagingPrefix(String databaseName) {
        return STAGING_PREFIX + HexFormat.of().toHexDigits(lockKey(databaseName)) + "_";
    }

    /** @throws ProvisioningException if it is the name of a database in the trash, which only a Restore or the sweep may change */
    static void refuseTrash(String databaseName) {
        if (DatabaseNameRules.isTrash(databaseName)) {
            throw new ProvisioningException(
                    ErrorCode.PROTECTED_DATABASE, "The database \"" + databaseName + "\" is in the trash.");
        }
    }

    /** Whether it is the name of a database that is no instance's: it is unfinished, or in the trash. */
    static boolean isOwn(String databaseName) {
        return isStaging(databaseName) || databaseName.startsWith(DatabaseNameRules.TRASH_PREFIX);
    }

    static boolean isStaging(String databaseName) {
        return databaseName.startsWith(STAGING_PREFIX);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
