package io.instanceworker.endtoend;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * One job whose worker is killed at one point of its way.
 *
 * @param kills how many workers are, one after the other
 */
record KillCell(Kind kind, String point, int kills) {

    /** While the server carries out the CREATE, which the next worker then ends. */
    static final String IN_CREATE = "in CREATE";

    /** The same, but the server's process stands still, so that it cannot be ended for a while. */
    static final String IN_STOPPED_CREATE = "in stopped CREATE";

    /** While the server carries out the DROP, which the server then ends. */
    static final String IN_DROP = "in DROP";

    /** The same, and the server's process is ended with it, so that the DROP stays half done. */
    static final String IN_CUT_DROP = "in cut DROP";

    /** What a worker runs when it is killed, and every point that it passes. */
    enum Kind {
        ADD("Add", KillCell.making()),
        COPY("Copy", KillCell.making()),
        DELETE(
                "Delete",
                KillCell.begun(
                        "in progress",
                        "drop",
                        IN_DROP,
                        IN_CUT_DROP,
                        "dropped",
                        "verify",
                        "journal end",
                        "decided",
                        "published",
                        "acknowledged")),
        TRASH(
                "Delete to trash",
                KillCell.begun(
                        "in progress",
                        "trash",
                        "journal end",
                        "trashed",
                        "verify",
                        "decided",
                        "published",
                        "acknowledged")),
        RESTORE("Restore", KillCell.taking("restore", "restored")),
        ADOPT("Adopt", KillCell.taking("adopt", "adopted")),
        INFO("Info", List.of("received", "decided", "published", "acknowledged")),
        STATUS("Status", List.of("received", "decided", "published", "acknowledged")),
        BUSY(
                "Copy, source busy",
                List.of("journal defer", "journal deferred", "decided", "published", "delayed", "acknowledged")),
        LOCKED("Add, lock busy", List.of("journal defer", "journal deferred", "decided", "delayed", "acknowledged")),
        DISCONNECT("Copy, disconnect", List.of("create", IN_STOPPED_CREATE)),
        CONFLICT("Add, conflict", KillCell.refused()),
        FOREIGN("Delete, conflict", KillCell.refused()),
        GIVEN_UP(
                "Add, given up",
                List.of("journal end", "journal ended", "decided", "published", "dead-lettered", "acknowledged")),
        MOVED("Add, moved", List.of("received", "moved", "acknowledged")),
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
        return begun(
                "clean",
                "create",
                IN_CREATE,
                IN_STOPPED_CREATE,
                "mark",
                "rename",
                "in progress",
                "journal end",
                "renamed",
                "verify",
                "decided",
                "published",
                "acknowledged");
    }

    /** An Adopt or a Restore. */
    private static List<String> taking(String before, String after) {
        return begun(before, "in progress", "journal end", after, "verify", "decided", "published", "acknowledged");
    }

    /** A job that changes a database, with the points that it passes once it has written that it starts. */
    private static List<String> begun(String... further) {
        return Stream.concat(
                        Stream.of(
                                "received",
                                "journal receive",
                                "journal received",
                                "lock",
                                "observe",
                                "journal start",
                                "journal started"),
                        Stream.of(further))
                .toList();
    }

    private static List<String> refused() {
        return List.of("journal end", "journal ended", "decided", "published", "acknowledged");
    }

    String name() {
        return kind.title + " / " + point + (kills == 1 ? "" : " twice");
    }

    /** Whether a process of the server has to be stopped for it. */
    boolean isWhileTheServerWorks() {
        return List.of(IN_STOPPED_CREATE, IN_DROP, IN_CUT_DROP).contains(point);
    }

    static List<KillCell> all() {
        List<KillCell> all = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            kind.points.forEach(point -> all.add(new KillCell(kind, point, 1)));
        }
        all.add(new KillCell(Kind.ADD, "journal received", 2));
        all.add(new KillCell(Kind.ADD, "create", 2));
        all.add(new KillCell(Kind.ADD, "mark", 2));
        all.add(new KillCell(Kind.ADD, "published", 2));
        all.add(new KillCell(Kind.COPY, "journal end", 2));
        all.add(new KillCell(Kind.DELETE, "drop", 2));
        all.add(new KillCell(Kind.DELETE, "journal end", 2));
        all.add(new KillCell(Kind.TRASH, "journal end", 2));
        all.add(new KillCell(Kind.TRASH, "trash", 2));
        all.add(new KillCell(Kind.RESTORE, "journal end", 2));
        all.add(new KillCell(Kind.ADOPT, "journal end", 2));
        return all;
    }

    /** The first cell of each point. */
    static List<KillCell> eachPointOnce() {
        Map<String, KillCell> first = new LinkedHashMap<>();
        all().forEach(cell -> first.putIfAbsent(cell.point(), cell));
        return List.copyOf(first.values());
    }
}
