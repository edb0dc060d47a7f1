package io.instanceworker.provision.sqlserver.fake;

/** States of a database, by their numbers in sys.databases. */
public final class State {

    public static final int ONLINE = 0;
    public static final int RESTORING = 1;
    public static final int RECOVERING = 2;
    public static final int RECOVERY_PENDING = 3;
    public static final int SUSPECT = 4;
    public static final int EMERGENCY = 5;
    public static final int OFFLINE = 6;
    public static final int COPYING = 7;

    private State() {}
}
