package io.instanceworker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files of the folder deploy. */
public final class DeployFiles {

    private DeployFiles() {}

    /** Found by way of the test classes, so that it does not matter from which folder an IDE runs them. */
    public static Path path(String name) {
        try {
            Path classes = Path.of(DeployFiles.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return classes.resolve("../../../deploy").resolve(name).normalize();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    public static String read(String name) {
        try {
            return Files.readString(path(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
