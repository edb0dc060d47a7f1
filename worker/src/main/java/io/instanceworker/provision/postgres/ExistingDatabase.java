package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.OwnershipMark;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * What a job must know of a database that is there before it changes its comment.
 *
 * @param owned whether the worker's role may do to it what only its owner may
 * @param now by the server's clock
 */
record ExistingDatabase(
        String name, @Nullable String comment, boolean template, String owner, boolean owned, Instant now) {

    private static final String QUERY = """
            SELECT shobj_description(d.oid, 'pg_database') AS comment, d.datistemplate, pg_get_userbyid(d.datdba) AS owner,
                   pg_has_role(current_user, d.datdba, 'USAGE') AS owned, clock_timestamp() AS now
            FROM pg_catalog.pg_database d WHERE d.datname = ?
            """;

    static ExistingDatabase of(Connection connection, String databaseName) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(QUERY)) {
            statement.setString(1, databaseName);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new ProvisioningException(
                            ErrorCode.INSTANCE_NOT_FOUND,
                            "There is no database \"" + databaseName + "\" on this server any more.");
                }
                return new ExistingDatabase(
                        databaseName,
                        row.getString("comment"),
                        row.getBoolean("datistemplate"),
                        row.getString("owner"),
                        row.getBoolean("owned"),
                        row.getObject("now", OffsetDateTime.class).toInstant().truncatedTo(ChronoUnit.MILLIS));
            }
        }
    }

    /** Writes the ownership mark as the comment of a database that has no comment. Nothing else is changed. */
    static void adopt(PostgresLock lock, String databaseName, OwnershipMark mark, Runnable atCommit)
            throws SQLException {
        lock.step("adopt");
        lock.inTransaction(atCommit, () -> {
            ExistingDatabase found = of(lock.session(), databaseName);
            found.refuseTemplate();
            found.refuseComment();
            if (!found.owned()) {
                throw PostgresErrors.notOwned(
                        databaseName,
                        "write the ownership mark, which is the comment of the database. Let an administrator run ALTER"
                                + " DATABASE " + Sql.identifier(databaseName) + " OWNER TO "
                                + Sql.identifier(lock.currentUser()) + ", or, if the owner is no superuser, GRANT "
                                + Sql.identifier(found.owner()) + " TO " + Sql.identifier(lock.currentUser()));
            }
            lock.execute(PostgresConnections.DURABLE_COMMIT + "; " + Sql.mark(databaseName, mark));
        });
        lock.step("adopted");
    }

    void refuseTemplate() {
        if (template) {
            throw new ProvisioningException(
                    ErrorCode.PROTECTED_DATABASE,
                    "The database \"" + name + "\" is marked as a template. If it is an instance's database, run ALTER"
                            + " DATABASE " + Sql.identifier(name) + " IS_TEMPLATE false first.");
        }
    }

    /** A database has only one comment, and what people have written there must not be lost. */
    private void refuseComment() {
        if (OwnershipMark.parse(comment).isPresent() || OwnershipMark.isUnreadable(comment)) {
            throw new ProvisioningException(
                    ErrorCode.INSTANCE_CONFLICT,
                    "The database \"" + name + "\" carries an ownership mark by now. It is left as it is.");
        }
        if (comment != null) {
            throw new ProvisioningException(
                    ErrorCode.UNSUPPORTED_BY_SERVER,
                    "The database \"" + name + "\" has a comment, and PostgreSQL keeps only one, in which the ownership"
                            + " mark must be. Nothing was changed. Keep the comment elsewhere, run COMMENT ON DATABASE "
                            + Sql.identifier(name) + " IS NULL, and send the job again.");
        }
    }
}
