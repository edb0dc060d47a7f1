package io.instanceworker.provision.sqlserver;

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

    /** What a setting is for, and which values it can have. */
    private enum Setting {
        CONNECT_TIMEOUT_SECONDS("[1-9][0-9]{0,3}", "a number from 1 to 9999"),
        BACKUP_DIRECTORY("\\S.*", "a folder on the server"),
        DATA_DIRECTORY("\\S.*", "a folder on the server"),
        LOG_DIRECTORY("\\S.*", "a folder on the server"),
        OWNER("\\S.*", "a login of the server"),
        S3_PREFIX(
                "arn:aws[a-z-]*:s3:::[^/\\s*]+/[^\\s*]{0,200}",
                "the ARN of an S3 bucket and the start of a name, arn:aws:s3:::bucket/instance-worker/"),
        RECOVERY_MODEL("(?i)full|simple|bulk[-_]logged", "one of full, simple, bulk-logged");

        private final Pattern values;
        private final String meaning;

        Setting(String values, String meaning) {
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
        return mistakes;
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
