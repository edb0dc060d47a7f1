package io.instanceworker.endtoend;

import io.instanceworker.provision.sqlserver.fake.Platform;
import java.util.Map;

/** The settings that a worker needs for a SQL Server that is hosted in a certain form. */
final class HostingSettings {

    private HostingSettings() {}

    static Map<String, String> of(Platform form) {
        return switch (form) {
            case LINUX, WINDOWS -> Map.of();
            case AMAZON_RDS -> Map.of("s3-prefix", "arn:aws:s3:::bucket/worker/");
            case AZURE_SQL_DATABASE -> Map.of("service-objective", "S2");
            case AZURE_MANAGED_INSTANCE ->
                Map.of("backup-url-prefix", "https://account.blob.core.windows.net/backups/worker/");
        };
    }
}
