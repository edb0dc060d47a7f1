package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.ErrorCode;
import io.instanceworker.contracts.provision.ProvisioningException;
import io.instanceworker.provision.sqlserver.TSql.Move;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Where on the server the files of a new database are. They are named after the database, so that an administrator knows them,
 * with random digits, so that two databases never share one: a dropped database that was offline leaves its files behind.
 */
final class FilePaths {

    private static final int LONGEST = 60;

    private final ServerFacts facts;
    private final SqlServerProperties properties;
    private final String stem;

    FilePaths(ServerFacts facts, SqlServerProperties properties, String databaseName) {
        this.facts = facts;
        this.properties = properties;
        String readable = databaseName.replaceAll("[^A-Za-z0-9_-]", "_");
        this.stem = readable.substring(0, Math.min(LONGEST, readable.length())) + "_"
                + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
    }

    String backup() {
        return in(properties.backupDirectory(), facts.backupPath(), "backup-directory", stem + ".bak");
    }

    /** A new path for every file in the backup: data, log, filestream, memory-optimized and full-text. */
    List<Move> moves(Connection session, String backup) throws SQLException {
        List<Move> moves = new ArrayList<>();
        boolean first = true;
        try (Statement statement = session.createStatement();
                ResultSet file = statement.executeQuery(TSql.fileList(backup))) {
            while (file.next()) {
                String name = stem + "_" + (moves.size() + 1);
                String path = switch (file.getString("Type")) {
                    case "L" -> in(properties.logDirectory(), facts.logPath(), "log-directory", name + ".ldf");
                    case "D" -> data(name + (first ? ".mdf" : ".ndf"));
                    default -> data(name); // a folder
                };
                first &= !file.getString("Type").equals("D");
                moves.add(new Move(file.getString("LogicalName"), path));
            }
        }
        return moves;
    }

    private String data(String file) {
        return in(properties.dataDirectory(), facts.dataPath(), "data-directory", file);
    }

    private static String in(@Nullable String configured, @Nullable String servers, String setting, String file) {
        String folder = configured == null ? servers : configured;
        if (folder == null) {
            throw new ProvisioningException(
                    ErrorCode.UNSUPPORTED_BY_SERVER,
                    "The server does not say which folder it uses. Set properties." + setting + " of the server.");
        }
        String separator = folder.contains("\\") ? "\\" : "/";
        return folder.endsWith(separator) ? folder + file : folder + separator + file;
    }
}
