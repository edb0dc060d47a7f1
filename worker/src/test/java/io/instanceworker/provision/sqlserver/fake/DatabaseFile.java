package io.instanceworker.provision.sqlserver.fake;

/**
 * A file of a database.
 *
 * @param type D for data, L for the log, S for FILESTREAM and the like
 * @param pages its size in pages of 8 KB
 */
record DatabaseFile(String logicalName, String type, String path, int pages) {

    static final int PAGE = 8192;
    static final int FIRST_PAGES = 1024;

    DatabaseFile at(String other) {
        return new DatabaseFile(logicalName, type, other, pages);
    }

    /** Three quarters of it. */
    int allocatedPages() {
        return pages / 4 * 3;
    }

    /** As sys.master_files has it. */
    int typeNumber() {
        return switch (type) {
            case "D" -> 0;
            case "L" -> 1;
            default -> 2;
        };
    }
}
