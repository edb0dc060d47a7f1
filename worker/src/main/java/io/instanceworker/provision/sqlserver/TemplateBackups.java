package io.instanceworker.provision.sqlserver;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.util.Optional;

/**
 * The backups of templates that are kept for further Adds, at most one for each template. The row of a backup is moved, in one
 * transaction, between {@code backup_file} and {@code template_backup}: the sweep removes what is in the first, so a crash
 * leaves a backup that is kept or one that will be removed. All methods need a session in the journal's database.
 */
final class TemplateBackups {

    /**
     * What a template is like at one time. Every change of a database writes log, so equal versions have equal content.
     *
     * @param identity of the database, and of its history: it changes when a database is made or restored
     * @param logEndLsn the number of the last log record
     */
    record Version(String identity, String logEndLsn) {}

    record Kept(String path, Version version) {}

    private TemplateBackups() {}

    /** @return empty if the server does not say it, because a right is missing, for example */
    static Optional<Version> version(Connection session, String template) {
        try (PreparedStatement statement = session.prepareStatement(TSql.TEMPLATE_VERSION)) {
            statement.setString(1, template);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()
                        || row.getString("recovery_fork_guid") == null
                        || row.getString("log_end_lsn") == null) {
                    return Optional.empty();
                }
                String identity = row.getInt("database_id") + " " + row.getObject("create_date", LocalDateTime.class)
                        + " " + row.getString("recovery_fork_guid");
                return Optional.of(new Version(identity, row.getString("log_end_lsn")));
            }
        } catch (SQLException e) {
            BackupFiles.warn("Finding out whether the template \"" + template + "\" has changed", e);
            return Optional.empty();
        }
    }

    static Optional<Kept> find(Connection session, String template) throws SQLException {
        try (PreparedStatement statement = session.prepareStatement(TSql.TEMPLATE_BACKUP)) {
            statement.setString(1, key(template));
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(new Kept(
                                row.getString("path"),
                                new Version(row.getString("template_identity"), row.getString("log_end_lsn"))))
                        : Optional.empty();
            }
        }
    }

    /** Keeps a backup that {@link BackupFiles#register} knows. */
    static void keep(Connection session, String template, Kept backup) throws SQLException {
        Version version = backup.version();
        SqlServerLock.execute(
                session,
                TSql.KEEP_TEMPLATE_BACKUP,
                key(template),
                backup.path(),
                version.identity(),
                version.logEndLsn(),
                backup.path());
    }

    /** Makes it a backup of this staging database, which is to be removed. */
    static void discard(Connection session, String template, String path, String staging) throws SQLException {
        SqlServerLock.execute(session, TSql.DISCARD_TEMPLATE_BACKUP, path, staging, template, key(template));
    }

    private static String key(String template) {
        return SqlServerNames.RULES.canonical(template);
    }
}
