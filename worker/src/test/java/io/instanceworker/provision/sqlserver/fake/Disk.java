package io.instanceworker.provision.sqlserver.fake;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The files of the server's machine. Its monitor is that of the {@link Model}. */
final class Disk {

    /** What a data file and a log file contain. */
    static final Object DATABASE_FILE = "a database file";

    private record FileOnDisk(String path, Object content) {}

    private final Platform platform;
    private final Set<String> folders = new HashSet<>();
    private final Map<String, FileOnDisk> files = new HashMap<>();

    Disk(Platform platform) {
        this.platform = platform;
        addFolder(platform.dataPath());
        addFolder(platform.backupPath());
    }

    void addFolder(String path) {
        folders.add(folderKey(path));
    }

    private String folderKey(String path) {
        String key = platform.key(path);
        return key.endsWith(platform.separator()) ? key.substring(0, key.length() - 1) : key;
    }

    boolean hasFolderOf(String path) {
        return folders.contains(platform.folder(path));
    }

    boolean hasFile(String path) {
        return files.containsKey(platform.key(path));
    }

    /** Whether a file can be there. */
    boolean takes(String path) {
        return hasFolderOf(path)
                && platform.isFileName(path.substring(platform.folder(path).length() + 1));
    }

    @Nullable Object content(String path) {
        FileOnDisk file = files.get(platform.key(path));
        return file == null ? null : file.content();
    }

    void put(String path, Object content) {
        files.put(platform.key(path), new FileOnDisk(path, content));
    }

    void remove(String path) {
        files.remove(platform.key(path));
    }

    List<String> paths() {
        return files.values().stream().map(FileOnDisk::path).sorted().toList();
    }
}
