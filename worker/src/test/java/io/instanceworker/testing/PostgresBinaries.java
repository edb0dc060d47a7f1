package io.instanceworker.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * The server programs that the build has copied beside the test classes, each version as a jar that holds a tar.xz.
 * Unpacking one takes longer than starting it, so it is done once per JVM.
 */
final class PostgresBinaries {

    private static final Map<Integer, TempFolder> UNPACKED = new ConcurrentHashMap<>();

    private PostgresBinaries() {}

    static boolean exist(int major) {
        return Files.exists(jar(major));
    }

    /** The folder with bin, lib and share, readable for every user. */
    static Path of(int major) {
        return UNPACKED.computeIfAbsent(major, PostgresBinaries::unpack).path();
    }

    private static TempFolder unpack(int major) {
        Path jar = jar(major);
        if (!exist(major)) {
            throw new IllegalStateException("There is no " + jar + "; `mvn generate-test-resources` brings it");
        }
        TempFolder target = TempFolder.create("postgres-" + major + "-programs");
        AtExit.close(target);
        try (ZipFile zip = new ZipFile(jar.toFile());
                InputStream packed = zip.getInputStream(archiveIn(zip));
                TarArchiveInputStream tar =
                        new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(packed)))) {
            target.permit("", "rwxr-xr-x");
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                write(entry, tar, target.path());
            }
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException("Could not unpack " + jar, e);
        }
    }

    /** Found by way of the test classes, so that it does not matter from which folder an IDE runs them. */
    private static Path jar(int major) {
        try {
            Path classes = Path.of(PostgresBinaries.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return classes.resolveSibling("postgres-binaries").resolve("postgres-" + major + ".jar");
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ZipEntry archiveIn(ZipFile zip) {
        return zip.stream()
                .filter(entry -> entry.getName().endsWith(".txz"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("No .txz in " + zip.getName()));
    }

    private static void write(TarArchiveEntry entry, InputStream content, Path target) throws IOException {
        Path path = target.resolve(entry.getName()).normalize();
        if (!path.startsWith(target)) {
            throw new IOException("Outside the folder: " + entry.getName());
        }
        if (entry.isDirectory()) {
            createDirectory(path);
        } else if (entry.isSymbolicLink()) {
            createDirectory(path.getParent());
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
        } else {
            createDirectory(path.getParent());
            Files.copy(content, path);
            boolean program = (entry.getMode() & 0100) != 0;
            permit(path, program ? "rwxr-xr-x" : "rw-r--r--");
        }
    }

    private static void createDirectory(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            createDirectory(path.getParent());
            permit(Files.createDirectory(path), "rwxr-xr-x");
        }
    }

    /** Whatever the umask: the server may run as another user. */
    private static void permit(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }
}
