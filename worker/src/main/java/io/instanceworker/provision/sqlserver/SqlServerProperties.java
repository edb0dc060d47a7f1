package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
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

    /** Which servers have what a setting is for. */
    private enum Scope {
        EVERYWHERE,
        NOT_ON_AZURE,
        ONLY_ON_AZURE
    }

    /** What a setting is for, and which values it can have. */
    private enum Setting {
        CONNECT_TIMEOUT_SECONDS(Scope.EVERYWHERE, "[1-9][0-9]{0,3}", "a number from 1 to 9999"),
        BACKUP_DIRECTORY(Scope.NOT_ON_AZURE, "\\S.*", "a folder on the server"),
        DATA_DIRECTORY(Scope.NOT_ON_AZURE, "\\S.*", "a folder on the server"),
        LOG_DIRECTORY(Scope.NOT_ON_AZURE, "\\S.*", "a folder on the server"),
        OWNER(Scope.NOT_ON_AZURE, "\\S.*", "a login of the server"),
        S3_PREFIX(
                Scope.NOT_ON_AZURE,
                "arn:aws[a-z-]*:s3:::[^/\\s*]+/[^\\s*]{0,200}",
                "the ARN of an S3 bucket and the start of a name, arn:aws:s3:::bucket/instance-worker/"),
        RECOVERY_MODEL(Scope.NOT_ON_AZURE, "(?i)full|simple|bulk[-_]logged", "one of full, simple, bulk-logged"),
        SERVICE_OBJECTIVE(
                Scope.ONLY_ON_AZURE,
                "[A-Za-z][A-Za-z0-9_]{1,39}",
                "a service objective of Azure SQL Database such as S2 or GP_S_Gen5_1"),
        ELASTIC_POOL(
                Scope.ONLY_ON_AZURE,
                "[^\\s<>*%&:\\\\/?][^<>*%&:\\\\/?]{0,127}",
                "the name of an elastic pool of the server");

        private final Scope scope;
        private final Pattern values;
        private final String meaning;

        Setting(Scope scope, String values, String meaning) {
            this.scope = scope;
            this.values = Pattern.compile(values);
            this.meaning = meaning;
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
    void requireMeantFor(ServerFacts.Hosting hosting) {
        Scope other = hosting == ServerFacts.Hosting.AZURE_SQL_DATABASE ? Scope.NOT_ON_AZURE : Scope.ONLY_ON_AZURE;
        String refused = values.keySet().stream()
                .filter(setting -> setting.scope == other)
                .sorted()
                .map(setting -> "properties." + setting.property())
                .collect(Collectors.joining(", "));
        if (!refused.isEmpty()) {
            throw new ProvisioningException(
                    ErrorCode.UNSUPPORTED_BY_SERVER,
                    (other == Scope.NOT_ON_AZURE ? "Azure SQL Database does not have" : "Only Azure SQL Database has")
                            + " what these settings of the server are for: " + refused + ". Remove them.");
        }
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

    /** The login that owns new databases; null for the worker's own. */
    @Nullable String owner() {
        return values.get(Setting.OWNER);
    }

    /** The recovery model of new databases as T-SQL has it; null for that of the source. */
    @Nullable String recoveryModel() {
        String model = values.get(Setting.RECOVERY_MODEL);
        return model == null ? null : model.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
