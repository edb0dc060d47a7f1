package io.instanceworker.tds;

/** One login. */
public final class Session {

    private final int id;
    private final String login;
    private final String application;
    private volatile String database;

    Session(int id, String login, String application, String database) {
        this.id = id;
        this.login = login;
        this.application = application;
        this.database = database;
    }

    /** {@code @@SPID}. */
    public int id() {
        return id;
    }

    public String login() {
        return login;
    }

    /** {@code APP_NAME()}. */
    public String application() {
        return application;
    }

    /** {@code DB_NAME()}. */
    public String database() {
        return database;
    }

    /** Changes the current database, as {@code USE} does. The client learns its name from the next answer. */
    public void use(String name) {
        database = name;
    }
}
