package io.instanceworker.provision.sqlserver.fake;

/**
 * What kind of server it is.
 *
 * @param engineEdition as {@code SERVERPROPERTY('EngineEdition')} has it: 3 is Enterprise or Developer, 4 is Express
 * @param encrypted whether it takes TLS connections, and then no others
 */
public record Options(
        Platform platform,
        int engineEdition,
        String edition,
        String version,
        String login,
        String password,
        boolean encrypted) {

    static final int EXPRESS = 4;
    static final int SQL_DATABASE = 5;

    /** A Developer Edition on Linux without TLS. */
    public static Options standard() {
        return new Options(
                Platform.LINUX, 3, "Developer Edition (64-bit)", "16.0.4215.2", "worker", "Worker-Secret-1", false);
    }

    public Options on(Platform other) {
        if (other == Platform.AZURE_SQL_DATABASE) {
            return new Options(other, SQL_DATABASE, "SQL Azure", "12.0.2000.8", login, password, encrypted);
        }
        return new Options(
                other, other.engineEdition().orElse(engineEdition), edition, version, login, password, encrypted);
    }

    public Options express() {
        return new Options(platform, EXPRESS, "Express Edition (64-bit)", version, login, password, encrypted);
    }

    public Options version(String other) {
        return new Options(platform, engineEdition, edition, other, login, password, encrypted);
    }

    public Options withLogin(String otherLogin, String otherPassword) {
        return new Options(platform, engineEdition, edition, version, otherLogin, otherPassword, encrypted);
    }

    public Options withTls() {
        return new Options(platform, engineEdition, edition, version, login, password, true);
    }
}
