package io.instanceworker.provision.postgres;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.provision.postgres.DatabaseTraits.Setting;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Finds the settings of a source that the worker's role may not give to a copy, before the copy is made.
 *
 * <p>Each setting is tried on the maintenance database in a transaction that is rolled back. So the server itself decides,
 * by the code that decides later; its rules (context of the parameter, grants on parameters, CREATEROLE and ADMIN option,
 * parameters of libraries, valid values) differ between versions and cannot all be read from catalogs. ALTER DATABASE needs
 * the ownership of that database, but ALTER ROLE … IN DATABASE does not, and every role may give settings to itself.
 */
final class UnsettableSettings {

    private static final int GRANT_ON_PARAMETER_SINCE = 15;
    private static final int ADMIN_OPTION_SINCE = 16;

    /** Another session may hold a lock on the same catalog row for the length of its own trial. */
    private static final String LOCK_TIMEOUT = "SET LOCAL lock_timeout = '5s'";

    private final PostgresLock lock;
    private final Connection session;
    private final String currentDatabase;
    private final String currentUser;

    private UnsettableSettings(PostgresLock lock, String currentDatabase, String currentUser) {
        this.lock = lock;
        this.session = lock.session();
        this.currentDatabase = currentDatabase;
        this.currentUser = currentUser;
    }

    /** A setting, why it cannot be given, and the statement that helps. Its value may be a secret and is left out. */
    private record Unsettable(Setting setting, String sqlState, String what, String remedy) {}

    /**
     * The source's traits as far as they can be given to a copy.
     *
     * @throws ProvisioningException if a setting cannot be given and the copy must not be made without it
     */
    static DatabaseTraits settable(
            PostgresLock lock, String source, DatabaseTraits traits, PostgresProperties.Unsettable whenUnsettable)
            throws SQLException {
        if (traits.settings().isEmpty()) {
            return traits;
        }
        List<Unsettable> unsettable = of(lock).in(source, traits.settings());
        if (unsettable.isEmpty()) {
            return traits;
        }
        if (whenUnsettable == PostgresProperties.Unsettable.FAIL) {
            throw refusal(source, unsettable);
        }
        unsettable.forEach(u -> lock.warn(u.what() + " It was left out. " + u.remedy()));
        return traits.without(unsettable.stream().map(Unsettable::setting).toList());
    }

    private static ProvisioningException refusal(String source, List<Unsettable> unsettable) {
        Unsettable first = unsettable.stream()
                .filter(u -> PostgresErrors.INSUFFICIENT_PRIVILEGE.equals(u.sqlState()))
                .findFirst()
                .orElse(unsettable.get(0));
        return new ProvisioningException(
                PostgresErrors.INSUFFICIENT_PRIVILEGE.equals(first.sqlState())
                        ? ErrorCode.INSUFFICIENT_PRIVILEGE
                        : ErrorCode.UNSUPPORTED_BY_SERVER,
                "Nothing was made, because settings of \"" + source + "\" cannot be given to a copy. "
                        + unsettable.stream()
                                .map(u -> u.what() + " " + u.remedy())
                                .distinct()
                                .collect(Collectors.joining(" "))
                        + " To make copies without such settings, set the server's property unsettable to skip.",
                first.sqlState(),
                null,
                null);
    }

    private static UnsettableSettings of(PostgresLock lock) throws SQLException {
        try (Statement statement = lock.session().createStatement();
                ResultSet row = statement.executeQuery("SELECT current_database(), current_user")) {
            row.next();
            return new UnsettableSettings(lock, row.getString(1), row.getString(2));
        }
    }

    private List<Unsettable> in(String source, List<Setting> settings) throws SQLException {
        List<Unsettable> found = new ArrayList<>();
        for (Setting setting : settings) {
            unsettable(source, setting).ifPresent(found::add);
        }
        return found;
    }

    private Optional<Unsettable> unsettable(String source, Setting setting) throws SQLException {
        String what = "The setting " + Sql.identifier(setting.name())
                + (setting.role() == null ? "" : " of the role " + Sql.identifier(setting.role()));
        Optional<SQLException> refused = refusal(currentUser, setting);
        if (refused.isPresent()) {
            return refused.map(e -> new Unsettable(
                    setting,
                    e.getSQLState(),
                    what + " is one that the worker's role may not set" + reason(e) + ".",
                    remedyForParameter(source, setting, e.getSQLState())));
        }
        String role = setting.role();
        if (role == null || role.equals(currentUser)) {
            return Optional.empty();
        }
        return refusal(role, setting)
                .map(e -> new Unsettable(
                        setting,
                        e.getSQLState(),
                        what + " is for a role that the worker's role may not alter" + reason(e) + ".",
                        remedyForRole(source, setting, role)));
    }

    /** The server's text, but not about an invalid value, which it would contain. */
    private static String reason(SQLException e) {
        return String.valueOf(e.getSQLState()).startsWith("22") ? "" : ": " + PostgresErrors.serverText(e);
    }

    /** Why the server does not take the setting for that role; empty if it takes it. */
    private Optional<SQLException> refusal(String role, Setting setting) throws SQLException {
        session.setAutoCommit(false);
        try {
            lock.execute(LOCK_TIMEOUT);
            lock.execute(Sql.set(currentDatabase, role, setting.nameAndValue()));
            return Optional.empty();
        } catch (SQLException e) {
            if (!isRefusal(e)) {
                throw e;
            }
            return Optional.of(e);
        } finally {
            if (!session.isClosed()) {
                session.rollback();
                session.setAutoCommit(true);
            }
        }
    }

    /** Classes of SQLSTATE that are about the statement itself (data, syntax, privilege, state of an object). */
    private static boolean isRefusal(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return !state.equals(PostgresErrors.LOCK_NOT_AVAILABLE)
                && (state.startsWith("22") || state.startsWith("42") || state.startsWith("55"));
    }

    private String remedyForParameter(String source, Setting setting, String sqlState) {
        String reset = "take it off the source: " + Sql.reset(source, setting.role(), setting.name()) + ".";
        if (!PostgresErrors.INSUFFICIENT_PRIVILEGE.equals(sqlState)) {
            return "Correct it or " + reset;
        }
        return lock.majorVersion() >= GRANT_ON_PARAMETER_SINCE
                ? "As a superuser, run GRANT SET ON PARAMETER " + Sql.parameter(setting.name()) + " TO "
                        + Sql.identifier(currentUser) + ", or " + reset
                : "Before PostgreSQL 15 only a superuser may set it, so " + reset;
    }

    private String remedyForRole(String source, Setting setting, String role) {
        String createRole = "ALTER ROLE " + Sql.identifier(currentUser) + " CREATEROLE";
        return "As a superuser, run " + createRole
                + (lock.majorVersion() >= ADMIN_OPTION_SINCE
                        ? " and GRANT " + Sql.identifier(role) + " TO " + Sql.identifier(currentUser)
                                + " WITH ADMIN OPTION"
                        : "")
                + " (neither helps if that role is a superuser), or take it off the source: "
                + Sql.reset(source, role, setting.name()) + ".";
    }
}
