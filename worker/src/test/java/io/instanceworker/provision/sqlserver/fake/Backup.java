package io.instanceworker.provision.sqlserver.fake;

import java.util.List;
import java.util.Map;

/** What is in a backup file. */
record Backup(
        String database,
        List<DatabaseFile> files,
        List<String> tables,
        Map<String, String> properties,
        String collation,
        String recoveryModel,
        int compatibilityLevel,
        boolean readOnly) {}
