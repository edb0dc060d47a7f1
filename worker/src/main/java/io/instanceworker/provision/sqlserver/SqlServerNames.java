package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.InstanceState;
import io.instanceworker.contracts.provision.DatabaseNameRules;
import io.instanceworker.contracts.provision.DatabaseNameRules.LengthUnit;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names: which ones fit, which staging database and which lock belong to a database. */
final class SqlServerNames {

    private static final String STAGING_PREFIX = "iw_staging_";

    private static final Pattern STAGING =
            Pattern.compile(STAGING_PREFIX + "([0-9a-f]{16})_(add|copy)_[0-9a-f]{16}", Pattern.CASE_INSENSITIVE);

    /** A name has up to 128 characters. Most collations ignore case, so the names of two databases must differ in more. */
    static final DatabaseNameRules RULES =
            new DatabaseNameRules(128, LengthUnit.UTF16_CODE_UNITS, false, STAGING_PREFIX);

    /** For {@code LIKE}, where an underscore stands for any character. */
    static final String ANY_STAGING = pattern(STAGING_PREFIX);

    static final String ANY_TRASH = pattern(DatabaseNameRules.TRASH_PREFIX);

    private SqlServerNames() {}

    /** @throws ProvisioningException if the server could not hold the name exactly as it is */
    static void check(String databaseName) {
        if (databaseName.isEmpty() || databaseName.indexOf('\0') >= 0) {
            throw new ProvisioningException(
                    ErrorCode.INVALID_NAME, "A database name must not be empty or hold a NUL character.");
        }
        if (!RULES.fits(databaseName)) {
            throw new ProvisioningException(
                    ErrorCode.NAME_TOO_LONG,
                    "The database name has " + RULES.lengthOf(databaseName) + " characters; SQL Server holds "
                            + RULES.maxLength() + ". Choose a shorter one.");
        }
    }

    /** @throws ProvisioningException if it is the name of a database in the trash, which only a Restore or the sweep may change */
    static void refuseTrash(String databaseName) {
        if (DatabaseNameRules.isTrash(databaseName)) {
            throw new ProvisioningException(
                    ErrorCode.PROTECTED_DATABASE, "The database \"" + databaseName + "\" is in the trash.");
        }
    }

    /** The key of the lock on a database name, the same for every worker. It is part of the names of staging databases. */
    static String lockKey(String databaseName) {
        return hash(RULES.canonical(databaseName));
    }

    /**
     * What the name of a staging database says.
     *
     * @param lockKey of the lock that a job holds as long as it uses the staging database
     * @param making BUILDING for an Add, COPYING for a Copy
     */
    record Staging(String lockKey, InstanceState making) {}

    /** The staging database in which one job makes another database, recognisable by itself. */
    static String staging(String databaseName, String jobId, InstanceState making) {
        return STAGING_PREFIX
                + lockKey(databaseName)
                + (making == InstanceState.COPYING ? "_copy_" : "_add_")
                + hash(jobId);
    }

    /** @return empty for a name that {@link #staging} cannot have made */
    static Optional<Staging> parseStaging(String databaseName) {
        Matcher name = STAGING.matcher(databaseName);
        return name.matches()
                ? Optional.of(new Staging(
                        name.group(1), name.group(2).equals("copy") ? InstanceState.COPYING : InstanceState.BUILDING))
                : Optional.empty();
    }

    static boolean isOfAdd(String stagingName) {
        return parseStaging(stagingName)
                .filter(staging -> staging.making() == InstanceState.BUILDING)
                .isPresent();
    }

    /** For {@code LIKE}: the staging databases of one database, of all jobs. */
    static String stagingOf(String databaseName) {
        return pattern(STAGING_PREFIX + lockKey(databaseName) + "_");
    }

    /** For {@code LIKE}: what starts with these characters. */
    static String pattern(String prefix) {
        return prefix.replace("_", "[_]") + "%";
    }

    static boolean isStaging(String databaseName) {
        return RULES.isReserved(databaseName);
    }

    private static String hash(String text) {
        try {
            byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sha256, 0, Long.BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
