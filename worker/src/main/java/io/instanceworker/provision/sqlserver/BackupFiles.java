package io.instanceworker.provision.sqlserver;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backups that copies are restored from. Each has a row in the journal's database from before it is written until it is
 * removed, so that the sweep finds what a crash leaves. All methods need a session in the journal's database.
 */
final class BackupFiles {

    /**
     * A file that a job has written, or is about to write.
     *
     * @param stagingName of the database that is restored from it
     * @param source the database or the backup that is copied
     * @param ageMillis since the row was written
     */
    record BackupFile(
            String path, String stagingName, @Nullable String source, long ageMillis) {}

    private static final Pattern S3_OBJECT = Pattern.compile("arn:aws[a-z-]*:s3:.+\\.bak", Pattern.CASE_INSENSITIVE);

    static final String AZURE_CONTAINER =
            "https://[a-z0-9]{3,24}\\.blob\\.core\\.(windows\\.net|usgovcloudapi\\.net|chinacloudapi\\.cn)/[a-z0-9-]{3,63}/";

    private static final Pattern AZURE_BLOB = Pattern.compile(AZURE_CONTAINER + "[^?#]+\\.bak");

    private static final Logger log = LoggerFactory.getLogger(BackupFiles.class);

    private BackupFiles() {}

    static void register(Connection session, String path, String stagingName, String source) throws SQLException {
        try (PreparedStatement statement = session.prepareStatement(TSql.INSERT_BACKUP_FILE)) {
            statement.setString(1, path);
            statement.setString(2, stagingName);
            statement.setString(3, source);
            statement.executeUpdate();
        }
    }

    /**
     * Removes the file, if it is there, and then its row. A file that cannot be removed keeps its row, so that the sweep tries
     * again.
     *
     * @return false if the file is still there
     */
    static boolean remove(Connection session, String path) {
        try {
            if (exists(session, path)) {
                update(session, TSql.DELETE_BACKUP_FILE, path);
            }
            if (exists(session, path)) {
                // The procedure leaves a backup that broke off. A whole one in its place, of the small journal, it
                // removes.
                SqlServerLock.execute(session, TSql.backup(session.getCatalog(), path));
                update(session, TSql.DELETE_BACKUP_FILE, path);
            }
            update(session, TSql.REMOVE_BACKUP_FILE_ROW, path);
            return true;
        } catch (SQLException e) {
            warn("Removing the backup file " + path, e);
            return false;
        }
    }

    /** Removes the row alone. */
    static boolean removeRow(Connection session, String path) {
        try {
            update(session, TSql.REMOVE_BACKUP_FILE_ROW, path);
            return true;
        } catch (SQLException e) {
            warn("Removing the row of the backup " + path, e);
            return false;
        }
    }

    static void warn(String doing, SQLException e) {
        log.warn("{}", SqlServerErrors.translate(doing, e).getMessage());
    }

    private static void update(Connection session, String sql, String path) throws SQLException {
        try (PreparedStatement statement = session.prepareStatement(sql)) {
            statement.setString(1, path);
            statement.execute();
        }
    }

    /** That of one staging database, which has at most one. */
    static Optional<BackupFile> of(Connection session, String stagingName) throws SQLException {
        return ofPattern(session, SqlServerNames.pattern(stagingName)).stream().findFirst();
    }

    /** Those of every staging database whose name is {@code LIKE} the pattern. */
    static List<BackupFile> ofPattern(Connection session, String pattern) throws SQLException {
        return read(session, TSql.BACKUP_FILES_OF, pattern);
    }

    /** Those of the copies of a database. */
    static List<BackupFile> ofSource(Connection session, String databaseName) throws SQLException {
        return read(session, TSql.BACKUP_FILES_OF_SOURCE, databaseName);
    }

    private static List<BackupFile> read(Connection session, String sql, String parameter) throws SQLException {
        List<BackupFile> files = new ArrayList<>();
        try (PreparedStatement statement = session.prepareStatement(sql)) {
            statement.setString(1, parameter);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    files.add(new BackupFile(
                            row.getString("path"),
                            row.getString("staging_name"),
                            row.getString("source"),
                            Math.max(0, row.getLong("age_ms"))));
                }
            }
        }
        return files;
    }

    /** Whether a file in the settings is a backup: then it is a template's. A database may be called anything else. */
    static boolean isPath(String template) {
        return template.regionMatches(true, template.length() - ".bak".length(), ".bak", 0, ".bak".length())
                && (template.contains("/") || template.contains("\\"));
    }

    /** Whether it is the ARN of an object in Amazon S3. */
    static boolean isOnS3(String template) {
        return S3_OBJECT.matcher(template).matches();
    }

    /** Whether a template is a backup and not a database. */
    static boolean isBackup(String template) {
        return isPath(template) || isInCloud(template);
    }

    /** Whether it is the URL of a blob in Azure. */
    static boolean isOnAzure(String template) {
        return AZURE_BLOB.matcher(template).matches();
    }

    /** Whether it is in a cloud, where SQL cannot see whether it is there. */
    static boolean isInCloud(String template) {
        return isOnS3(template) || isOnAzure(template);
    }

    static boolean exists(Connection session, String path) throws SQLException {
        try (PreparedStatement statement = session.prepareStatement(TSql.FILE_EXISTS)) {
            statement.setString(1, path);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean("file_exists");
            }
        }
    }
}
