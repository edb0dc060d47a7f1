package io.instanceworker.endtoend;

import io.instanceworker.testing.Forwarder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One worker's way to one server, which can be cut just when the server has done something and says so, or when it is told to
 * do something.
 */
final class Line extends Forwarder {

    private final AtomicReference<Saying> toLose = new AtomicReference<>();
    private final AtomicInteger lost = new AtomicInteger();

    Line(String host, int serverPort) {
        super(host, serverPort);
    }

    /** The next of this kind does not arrive, and its connection ends. */
    void lose(Saying saying) {
        toLose.set(saying);
    }

    void loseNoMore() {
        toLose.set(null);
    }

    int lost() {
        return lost.get();
    }

    @Override
    protected void toClient(InputStream from, OutputStream to) throws IOException {
        copy(from, to, true);
    }

    @Override
    protected void toServer(InputStream from, OutputStream to) throws IOException {
        copy(from, to, false);
    }

    private void copy(InputStream from, OutputStream to, boolean byServer) throws IOException {
        byte[] buffer = new byte[8192];
        for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
            Saying saying = toLose.get();
            if (saying != null
                    && saying.isByServer() == byServer
                    && saying.isIn(buffer, read)
                    && toLose.compareAndSet(saying, null)) {
                lost.incrementAndGet();
                return;
            }
            to.write(buffer, 0, read);
        }
    }
}
