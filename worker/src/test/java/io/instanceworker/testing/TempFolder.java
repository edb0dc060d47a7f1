package io.instanceworker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder of this user alone, gone after {@link #close()}. */
public final class TempFolder implements AutoCloseable {

    private final Path path;

    private TempFolder(Path path) {
        this.path = path;
    }

    static TempFolder create(String name) {
        try {
            return new TempFolder(Files.createTempDirectory("instance-worker-" + name + "-"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The path of a new folder that is deleted when this JVM ends. */
    public static Path deletedAtExit(String name) {
        TempFolder folder = create(name);
        AtExit.close(folder);
        return folder.path;
    }

    Path path() {
        return path;
    }

    Path resolve(String name) {
        return path.resolve(name);
    }

    Path createDirectory(String name) {
        try {
            return Files.createDirectory(path.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path write(String name, String... lines) {
        try {
            return Files.write(path.resolve(name), List.of(lines), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String read(String name) {
        try {
            return new String(Files.readAllBytes(path.resolve(name)), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sets the permissions of the folder itself or of something in it, in the form rwxr-xr-x. */
    void permit(String name, String permissions) {
        try {
            Files.setPosixFilePermissions(path.resolve(name), PosixFilePermissions.fromString(permissions));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The id of the user who made the folder: who we are. */
    int owner() {
        try {
            return (Integer) Files.getAttribute(path, "unix:uid");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void giveTo(int user, String name) {
        try {
            Files.setAttribute(path.resolve(name), "unix:uid", user);
            Files.setAttribute(path.resolve(name), "unix:gid", user);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes the folder. The servers that write to it must have ended. */
    @Override
    public void close() {
        AtExit.forget(this);
        try (Stream<Path> all = Files.walk(path)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        } catch (NoSuchFileException alreadyGone) {
            return;
        } catch (IOException e) {
            throw new UncheckedIOException("Could not delete " + path, e);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
