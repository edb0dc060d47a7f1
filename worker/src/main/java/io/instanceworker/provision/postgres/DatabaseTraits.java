package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to a database and CREATE DATABASE … TEMPLATE does not carry over: owner, grants, settings, connection limit.
 * (The template flag and whether connections are allowed are not copied on purpose.)
 */
record DatabaseTraits(
        String owner,
        boolean ownerCanBeGiven,
        boolean template,
        int connectionLimit,
        boolean ownGrants,
        List<Grant> grants,
        List<Setting> settings) {

    /** @param role null for PUBLIC */
    record Grant(@Nullable String role, String privilege, boolean grantable) {}

    /** @param role null for every role */
    record Setting(@Nullable String role, String nameAndValue) {
        String name() {
            return nameAndValue.substring(0, nameAndValue.indexOf('='));
        }
    }

    /**
     * Giving a database to a role needs membership in that role, from 16 on with the SET option. Renaming the database after
     * that needs the role's privileges.
     */
    private static final String TRAITS = """
            SELECT d.oid, pg_get_userbyid(d.datdba) AS owner, d.datistemplate, d.datconnlimit, d.datacl IS NOT NULL AS own_grants,
                   EXISTS (SELECT FROM pg_catalog.pg_db_role_setting s WHERE s.setdatabase = d.oid) AS own_settings,
                   pg_has_role(current_user, d.datdba, 'USAGE')
                   AND pg_has_role(current_user, d.datdba, CASE WHEN current_setting('server_version_num')::int >= 160000
                                                                THEN 'SET' ELSE 'MEMBER' END) AS can_give
            FROM pg_catalog.pg_database d WHERE d.datname = ?
            """;

    private static final String GRANTS = """
            SELECT CASE WHEN g.grantee = 0 THEN NULL ELSE pg_get_userbyid(g.grantee) END AS role, g.privilege_type,
                   bool_or(g.is_grantable) AS grantable
            FROM pg_catalog.pg_database d, aclexplode(d.datacl) g WHERE d.oid = ? GROUP BY 1, 2
            """;

    private static final String SETTINGS = """
            SELECT CASE WHEN s.setrole = 0 THEN NULL ELSE pg_get_userbyid(s.setrole) END AS role, c.setting
            FROM pg_catalog.pg_db_role_setting s, unnest(s.setconfig) WITH ORDINALITY AS c(setting, place)
            WHERE s.setdatabase = ? ORDER BY 1 NULLS FIRST, c.place
            """;

    /** @param whenAbsent what it means that there is no such database */
    static DatabaseTraits of(Connection connection, String databaseName, ErrorCode whenAbsent) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TRAITS)) {
            statement.setString(1, databaseName);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new ProvisioningException(
                            whenAbsent, "There is no database \"" + databaseName + "\" to copy from.");
                }
                long oid = row.getLong("oid");
                return new DatabaseTraits(
                        row.getString("owner"),
                        row.getBoolean("can_give"),
                        row.getBoolean("datistemplate"),
                        row.getInt("datconnlimit"),
                        row.getBoolean("own_grants"),
                        row.getBoolean("own_grants") ? grants(connection, oid) : List.of(),
                        row.getBoolean("own_settings") ? settings(connection, oid) : List.of());
            }
        }
    }

    private static List<Grant> grants(Connection connection, long oid) throws SQLException {
        List<Grant> grants = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(GRANTS)) {
            statement.setLong(1, oid);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    grants.add(new Grant(row.getString(1), row.getString(2), row.getBoolean(3)));
                }
            }
        }
        return grants;
    }

    private static List<Setting> settings(Connection connection, long oid) throws SQLException {
        List<Setting> settings = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(SETTINGS)) {
            statement.setLong(1, oid);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    settings.add(new Setting(row.getString(1), row.getString(2)));
                }
            }
        }
        return settings;
    }

    DatabaseTraits without(Collection<Setting> leftOut) {
        List<Setting> rest = new ArrayList<>(settings);
        rest.removeAll(leftOut);
        return new DatabaseTraits(owner, ownerCanBeGiven, template, connectionLimit, ownGrants, grants, rest);
    }

    /**
     * The statements that give them to another database.
     *
     * @param newOwner who owns that database then: this owner, or the role that made it
     */
    List<String> statementsFor(String database, String newOwner) {
        List<String> statements = new ArrayList<>();
        if (newOwner.equals(owner)) {
            statements.add(Sql.owner(database, owner));
        }
        settings.forEach(s -> statements.add(Sql.set(database, s.role(), s.nameAndValue())));
        if (ownGrants) {
            statements.add(Sql.revokeAll(database, null));
            statements.add(Sql.revokeAll(database, newOwner));
            grants.forEach(g -> statements.add(
                    Sql.grant(database, g.privilege(), owner.equals(g.role()) ? newOwner : g.role(), g.grantable())));
        }
        return statements;
    }
}
