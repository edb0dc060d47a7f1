package io.instanceworker.endtoend;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One job whose worker is killed at one point of its way.
 *
 * @param kills how many workers are, one after the other
 */
record KillCell(Kind kind, String point, int kills) {

    /** While the server carries out the CREATE. */
    static final String IN_CREATE = "in CREATE";

    /** While the server carries out the DROP, which the server then ends. */
    static final String IN_DROP = "in DROP";

    /** The same, and the server's process is ended with it, so that the DROP stays half done. */
    static final String IN_CUT_DROP = "in cut DROP";

    /** What a worker has in hand when it is killed, and every point that it passes. */
    enum Kind {
        ADD("Add", KillCell.making()),
        COPY("Copy", KillCell.making()),
        DELETE(
                "Delete",
                List.of(
                        "received",
                        "lock",
                        "observe",
                        "in progress",
                        "drop",
                        IN_DROP,
                        IN_CUT_DROP,
                        "dropped",
                        "verify",
                        "decided",
                        "journal ended",
                        "published",
                        "acknowledged")),
        INFO("Info", List.of("received", "decided", "journal ended", "published", "acknowledged")),
        STATUS("Status", List.of("received", "decided", "journal ended", "published", "acknowledged")),
        BUSY("Copy, source busy", List.of("decided", "published", "delayed", "acknowledged")),
        DISCONNECT("Copy, disconnect", List.of("create", IN_CREATE)),
        CONFLICT("Add, conflict", List.of("decided", "journal ended", "published", "acknowledged")),
        FOREIGN("Delete, conflict", List.of("decided", "journal ended", "published", "acknowledged")),
        GIVEN_UP("Add, given up", List.of("decided", "journal ended", "published", "dead-lettered", "acknowledged")),
        REFUSED("Refused", List.of("received", "published", "dead-lettered", "acknowledged")),
        NO_JOB("No job", List.of("received", "dead-lettered", "acknowledged"));

        private final String title;

        @SuppressWarnings("ImmutableEnumChecker") // Made by List.of.
        private final List<String> points;

        Kind(String title, List<String> points) {
            this.title = title;
            this.points = points;
        }
    }

    private static List<String> making() {
        return List.of(
                "received",
                "lock",
                "observe",
                "in progress",
                "clean",
                "create",
                IN_CREATE,
                "mark",
                "rename",
                "renamed",
                "verify",
                "decided",
                "journal ended",
                "published",
                "acknowledged");
    }

    String name() {
        return kind.title + " / " + point + (kills == 1 ? "" : " twice");
    }

    /** Whether a process of the server has to be stopped for it. */
    boolean isWhileTheServerWorks() {
        return List.of(IN_CREATE, IN_DROP, IN_CUT_DROP).contains(point);
    }

    static List<KillCell> all() {
        List<KillCell> all = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            kind.points.forEach(point -> all.add(new KillCell(kind, point, 1)));
        }
        all.add(new KillCell(Kind.ADD, "create", 2));
        all.add(new KillCell(Kind.ADD, "mark", 2));
        all.add(new KillCell(Kind.ADD, "published", 2));
        all.add(new KillCell(Kind.COPY, "rename", 2));
        all.add(new KillCell(Kind.DELETE, "drop", 2));
        all.add(new KillCell(Kind.DELETE, "decided", 2));
        return all;
    }

    /** The first cell of each point. */
    static List<KillCell> eachPointOnce() {
        Map<String, KillCell> first = new LinkedHashMap<>();
        all().forEach(cell -> first.putIfAbsent(cell.point(), cell));
        return List.copyOf(first.values());
    }
}
