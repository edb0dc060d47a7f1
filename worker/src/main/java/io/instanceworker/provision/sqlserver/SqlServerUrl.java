package io.instanceworker.provision.sqlserver;

import io.instanceworker.contracts.provision.ServerAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The JDBC URL of a server: {@code jdbc:sqlserver://host[\instance][:port][;property=value]...}. */
final class SqlServerUrl {

    private static final int DEFAULT_PORT = 1433;

    private static final Pattern URL = Pattern.compile(
            "jdbc:sqlserver://([^;:\\\\/@]+)(\\\\[^;:]+)?(?::(\\d{1,5}))?(;.*)?", Pattern.CASE_INSENSITIVE);

    /** Secrets have settings of their own, which no log shows. */
    private static final Pattern CREDENTIAL = Pattern.compile(
            ";\\s*(user|userName|password|pwd|keyStoreSecret|trustStorePassword|clientKeyPassword|accessToken"
                    + "|AADSecurePrincipalSecret|keyVaultProviderClientKey)\\s*=",
            Pattern.CASE_INSENSITIVE);

    /** They would cancel a long BACKUP, RESTORE or DROP. */
    private static final Pattern TIMEOUT = Pattern.compile(
            ";\\s*(queryTimeout|cancelQueryTimeout|lockTimeout|socketTimeout)\\s*=", Pattern.CASE_INSENSITIVE);

    private static final Pattern DATABASE = Pattern.compile(
            ";\\s*(?:databaseName|database)\\s*=\\s*(?:\\{([^}]*)}|([^;{}]+))", Pattern.CASE_INSENSITIVE);

    /** With either of these the driver does not verify the server. By default it encrypts and verifies. */
    private static final Pattern UNVERIFIED = Pattern.compile(
            ";\\s*(trustServerCertificate\\s*=\\s*\\{?\\s*true|encrypt\\s*=\\s*\\{?\\s*(false|no|optional))\\b",
            Pattern.CASE_INSENSITIVE);

    private SqlServerUrl() {}

    static boolean isValid(String url) {
        return URL.matcher(url).matches()
                && !CREDENTIAL.matcher(url).find()
                && !TIMEOUT.matcher(url).find();
    }

    static boolean isVerified(String url) {
        return !UNVERIFIED.matcher(url).find();
    }

    static ServerAddress address(String url) {
        Matcher parts = URL.matcher(url);
        if (!parts.matches()) {
            throw new IllegalArgumentException("The url was checked at the start");
        }
        int port = parts.group(3) == null ? DEFAULT_PORT : Integer.parseInt(parts.group(3));
        return new ServerAddress(parts.group(1) + (parts.group(2) == null ? "" : parts.group(2)), port);
    }

    /** The maintenance database; empty where the url names none and the login's default database is used. */
    static Optional<String> database(String url) {
        Matcher database = DATABASE.matcher(url);
        return database.find()
                ? Optional.of(database.group(1) == null ? database.group(2).strip() : database.group(1))
                : Optional.empty();
    }
}
