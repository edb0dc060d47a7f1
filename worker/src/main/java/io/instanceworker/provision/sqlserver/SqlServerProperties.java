package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.provision.sqlserver.ServerFacts.Hosting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The settings of a SQL Server below {@code properties}. Names are read with or without their dashes, as Spring does. */
final class SqlServerProperties {

    /** Which values a setting can have, and what they are. */
    private enum Setting {
        HOSTING(
                "(?i)auto|machine|azure[-_]sql[-_]database|azure[-_]managed[-_]instance|amazon[-_]rds",
                "one of auto, machine, azure-sql-database, azure-managed-instance, amazon-rds"),
        CONNECT_TIMEOUT_SECONDS("[1-9][0-9]{0,3}", "a number from 1 to 9999"),
        BACKUP_DIRECTORY("\\S.*", "a folder on the server"),
        DATA_DIRECTORY("\\S.*", "a folder on the server"),
        LOG_DIRECTORY("\\S.*", "a folder on the server"),
        COPY_METHOD("(?i)full|schema[-_]only", "one of full, schema-only"),
        REUSE_TEMPLATE_BACKUPS("(?i)true|false", "true or false"),
        OWNER("\\S.*", "a login of the server"),
        RECOVERY_MODEL("(?i)full|simple|bulk[-_]logged", "one of full, simple, bulk-logged"),
        S3_PREFIX(
                "arn:aws[a-z-]*:s3:::[^/\\s*]+/[^\\s*]{0,200}",
                "the ARN of an S3 bucket and the start of a name, arn:aws:s3:::bucket/instance-worker/"),
        BACKUP_URL_PREFIX(
                BackupFiles.AZURE_CONTAINER + "[A-Za-z0-9._/-]{0,60}",
                "the start of the URL of a blob, https://account.blob.core.windows.net/container/instance-worker/,"
                        + " without a signature"),
        SERVICE_OBJECTIVE(
                "[A-Za-z][A-Za-z0-9_]{1,39}", "a service objective of Azure SQL Database such as S2 or GP_S_Gen5_1"),
        ELASTIC_POOL("[^\\s<>*%&:\\\\/?][^<>*%&:\\\\/?]{0,127}", "the name of an elastic pool of the server");

        private final Pattern values;
        private final String meaning;

        Setting(String values, String meaning) {
            this.values = Pattern.compile(values);
            this.meaning = meaning;
        }

        private boolean hasEffectOn(Hosting hosting) {
            return switch (this) {
                case HOSTING, CONNECT_TIMEOUT_SECONDS -> true;
                case BACKUP_DIRECTORY, DATA_DIRECTORY, LOG_DIRECTORY, COPY_METHOD, REUSE_TEMPLATE_BACKUPS ->
                    hosting == Hosting.MACHINE;
                case OWNER -> hosting != Hosting.AZURE_SQL_DATABASE;
                case RECOVERY_MODEL -> hosting == Hosting.MACHINE || hosting == Hosting.AMAZON_RDS;
                case S3_PREFIX -> hosting == Hosting.AMAZON_RDS;
                case BACKUP_URL_PREFIX -> hosting == Hosting.AZURE_MANAGED_INSTANCE;
                case SERVICE_OBJECTIVE, ELASTIC_POOL -> hosting == Hosting.AZURE_SQL_DATABASE;
            };
        }

        private String property() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        private static Optional<Setting> named(String name) {
            return Arrays.stream(values())
                    .filter(setting -> name.replaceAll("[-.]", "")
                            .equalsIgnoreCase(setting.name().replace("_", "")))
                    .findFirst();
        }
    }

    private static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private final Map<Setting, String> values;

    private SqlServerProperties(Map<Setting, String> values) {
        this.values = values;
    }

    /** Call this only if no mistakes were found. */
    static SqlServerProperties of(Map<String, String> properties) {
        return new SqlServerProperties(properties.entrySet().stream()
                .collect(Collectors.toMap(
                        property -> Setting.named(property.getKey()).orElseThrow(), Map.Entry::getValue)));
    }

    /** Every mistake, each as {@code properties.name: what is wrong}. */
    static List<String> mistakesIn(Map<String, String> properties) {
        List<String> mistakes = new ArrayList<>();
        properties.forEach((name, value) -> {
            Setting setting = Setting.named(name).orElse(null);
            if (setting == null) {
                mistakes.add("properties." + name + ": is not a setting; there are "
                        + Arrays.stream(Setting.values()).map(Setting::property).collect(Collectors.joining(", ")));
            } else if (!setting.values.matcher(value).matches()) {
                mistakes.add("properties." + name + ": must be " + setting.meaning);
            }
        });
        if (isSet(properties, Setting.SERVICE_OBJECTIVE) && isSet(properties, Setting.ELASTIC_POOL)) {
            mistakes.add("properties.elastic-pool: must not be set together with properties.service-objective");
        }
        return mistakes;
    }

    private static boolean isSet(Map<String, String> properties, Setting setting) {
        return properties.keySet().stream()
                .anyMatch(name -> Setting.named(name).filter(setting::equals).isPresent());
    }

    /** Refuses settings that would have no effect on the server. Called before anything is changed. */
    void requireMeantFor(Hosting hosting) {
        String refused = values.keySet().stream()
                .filter(setting -> !setting.hasEffectOn(hosting))
                .sorted()
                .map(setting -> "properties." + setting.property())
                .collect(Collectors.joining(", "));
        if (!refused.isEmpty()) {
            throw new ProvisioningException(
                    ErrorCode.UNSUPPORTED_BY_SERVER,
                    "The server is hosted as "
                            + hosting.name().toLowerCase(Locale.ROOT).replace('_', '-')
                            + ", where these of its settings have no effect: " + refused + ". Remove them.");
        }
    }

    /** In which form the server is hosted; null if that is to be found out. */
    @Nullable Hosting hosting() {
        String hosting = enumName(Setting.HOSTING);
        return hosting == null || hosting.equals("AUTO") ? null : Hosting.valueOf(hosting);
    }

    Duration connectTimeout() {
        String seconds = values.get(Setting.CONNECT_TIMEOUT_SECONDS);
        return seconds == null ? DEFAULT_CONNECT_TIMEOUT : Duration.ofSeconds(Long.parseLong(seconds));
    }

    /** Where the backups are written that copies are restored from; null for the server's own folder. */
    @Nullable String backupDirectory() {
        return values.get(Setting.BACKUP_DIRECTORY);
    }

    /** Where the data files of new databases are; null for the server's own folder. */
    @Nullable String dataDirectory() {
        return values.get(Setting.DATA_DIRECTORY);
    }

    /** Where the log files of new databases are; null for the server's own folder. */
    @Nullable String logDirectory() {
        return values.get(Setting.LOG_DIRECTORY);
    }

    /** Whether the backup of a template is kept for further Adds. */
    boolean reuseTemplateBackups() {
        return Boolean.parseBoolean(values.get(Setting.REUSE_TEMPLATE_BACKUPS));
    }

    /** Whether copies are made without rows. */
    boolean copiesSchemaOnly() {
        return "SCHEMA_ONLY".equals(enumName(Setting.COPY_METHOD));
    }

    /** The start of the ARNs of the backups that copies on Amazon RDS are restored from. */
    @Nullable String s3Prefix() {
        return values.get(Setting.S3_PREFIX);
    }

    /** Of new databases on Azure SQL Database; null for that of the source, or the server's default. */
    @Nullable String serviceObjective() {
        return values.get(Setting.SERVICE_OBJECTIVE);
    }

    /** The elastic pool of new databases on Azure SQL Database; null for none. */
    @Nullable String elasticPool() {
        return values.get(Setting.ELASTIC_POOL);
    }

    /** The start of the URLs of the backups that copies on Azure SQL Managed Instance are restored from. */
    @Nullable String backupUrlPrefix() {
        return values.get(Setting.BACKUP_URL_PREFIX);
    }

    /** The login that owns new databases; null for the worker's own. */
    @Nullable String owner() {
        return values.get(Setting.OWNER);
    }

    /** The recovery model of new databases as T-SQL has it; null for that of the source. */
    @Nullable String recoveryModel() {
        return enumName(Setting.RECOVERY_MODEL);
    }

    private @Nullable String enumName(Setting setting) {
        String value = values.get(setting);
        return value == null ? null : value.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
