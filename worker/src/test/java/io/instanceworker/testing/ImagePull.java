package io.instanceworker.testing;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.PullResponseItem;
import java.io.Closeable;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.testcontainers.utility.DockerImageName;

/** One try to get an image. Testcontainers' own tries for two minutes, and logs each failure with its stack. */
final class ImagePull implements ResultCallback<PullResponseItem> {

    private static final int MINUTES = 5;

    private final CompletableFuture<Void> done = new CompletableFuture<>();

    private ImagePull() {}

    /** Why the image could not be pulled; empty if it is there now. */
    static Optional<String> tryOnce(DockerClient docker, DockerImageName image) {
        try (ImagePull pull = new ImagePull()) {
            docker.pullImageCmd(image.getUnversionedPart())
                    .withTag(image.getVersionPart())
                    .exec(pull);
            pull.done.get(MINUTES, TimeUnit.MINUTES);
            return Optional.empty();
        } catch (ExecutionException e) {
            return Optional.of(String.valueOf(e.getCause().getMessage()).strip());
        } catch (TimeoutException e) {
            return Optional.of("not done after " + MINUTES + " minutes");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void onStart(Closeable request) {}

    @Override
    public void onNext(PullResponseItem item) {
        if (item.isErrorIndicated()) {
            done.completeExceptionally(new IllegalStateException(String.valueOf(item.getErrorDetail())));
        }
    }

    @Override
    public void onError(Throwable failure) {
        done.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        done.complete(null);
    }

    @Override
    public void close() {
        done.cancel(false);
    }
}
