package io.instanceworker.provision.sqlserver.fake;

import java.util.Locale;
import java.util.OptionalInt;

/** On what the server runs, which its paths show. */
public enum Platform {
    LINUX("/", "/var/opt/mssql/data/", "/var/opt/mssql/data"),
    WINDOWS(
            "\\",
            "C:\\Program Files\\Microsoft SQL Server\\MSSQL16.MSSQLSERVER\\MSSQL\\DATA\\",
            "C:\\Program Files\\Microsoft SQL Server\\MSSQL16.MSSQLSERVER\\MSSQL\\Backup"),
    /** Windows, without its disk: backups are in S3. */
    AMAZON_RDS("\\", "D:\\rdsdbdata\\DATA\\", "D:\\rdsdbdata\\BACKUP"),
    /** Its files are where nobody sees them. */
    AZURE_SQL_DATABASE("/", "/azure/", "/azure"),
    /** Windows, without its disk: backups are blobs. */
    AZURE_MANAGED_INSTANCE("\\", "C:\\WFRoot\\DB\\data\\", "C:\\WFRoot\\DB\\backup");

    private static final int MANAGED_INSTANCE = 8;

    private final String separator;
    private final String dataPath;
    private final String backupPath;

    Platform(String separator, String dataPath, String backupPath) {
        this.separator = separator;
        this.dataPath = dataPath;
        this.backupPath = backupPath;
    }

    /** Of data files and of log files; ends with the separator. */
    public String dataPath() {
        return dataPath;
    }

    /** Without a separator at its end, as SQL Server has it. */
    public String backupPath() {
        return backupPath;
    }

    public String separator() {
        return separator;
    }

    /** The {@code EngineEdition} that goes with it, if there is only one. */
    OptionalInt engineEdition() {
        return this == AZURE_MANAGED_INSTANCE ? OptionalInt.of(MANAGED_INSTANCE) : OptionalInt.empty();
    }

    private boolean isOnWindows() {
        return separator.equals("\\");
    }

    /** What two paths of one file have in common. */
    String key(String path) {
        return isOnWindows() ? path.replace('/', '\\').toLowerCase(Locale.ROOT) : path;
    }

    /** The folder of a file, without a separator at its end. */
    String folder(String path) {
        String key = key(path);
        int end = key.lastIndexOf(separator);
        return end < 0 ? "" : key.substring(0, end);
    }

    boolean isFileName(String name) {
        return isOnWindows()
                ? name.chars().noneMatch(character -> character < ' ' || "\\/:*?\"<>|".indexOf(character) >= 0)
                : name.indexOf('/') < 0;
    }
}
