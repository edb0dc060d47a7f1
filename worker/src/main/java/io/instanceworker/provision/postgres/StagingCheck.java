package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Checks a database in the transaction that renames it, so that nobody can use a database that is not as it should be. */
final class StagingCheck {

    private static final String FINISHED = """
            SELECT pg_get_userbyid(d.datdba), d.datconnlimit, has_database_privilege(d.oid, 'CONNECT')
            FROM pg_catalog.pg_database d WHERE d.datname = ?
            """;

    private StagingCheck() {}

    /** @param owner who is to own it */
    static void run(PostgresLock lock, String staging, String owner) throws SQLException {
        try (PreparedStatement statement = lock.session().prepareStatement(FINISHED)) {
            statement.setString(1, staging);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next() || !owner.equals(row.getString(1))) {
                    throw new ProvisioningException(
                            ErrorCode.INTERNAL_ERROR,
                            "The database was made, but does not belong to \"" + owner
                                    + "\" as it should. It is removed and made again.");
                }
                if (row.getInt(2) == 0) {
                    lock.warn(
                            "The connection limit of the database is 0, as its source's is, so only a superuser can connect to it"
                                    + " and the worker did not try to.");
                } else if (!row.getBoolean(3)) {
                    lock.warn("The worker's role has no CONNECT privilege on the database, as on its source, so the"
                            + " worker did not try to connect to it.");
                }
            }
        }
    }
}
