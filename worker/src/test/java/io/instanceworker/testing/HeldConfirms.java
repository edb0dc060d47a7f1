package io.instanceworker.testing;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;

/**
 * Before a broker: what it says on a connection is held back from the first confirm on, as if it blocked publishers, until it
 * is let go.
 */
public final class HeldConfirms extends Forwarder {

    private static final int METHOD = 1;
    private static final int BASIC_ACK = (60 << 16) | 80;

    private volatile CountDownLatch held = new CountDownLatch(1);

    public HeldConfirms(String host, int port) {
        super(host, port);
        open();
    }

    /** From now on confirms are held back again, on connections that have none yet. */
    public void hold() {
        held = new CountDownLatch(1);
    }

    public void letGo() {
        held.countDown();
    }

    @Override
    public synchronized void close() {
        super.close();
        letGo();
    }

    @Override
    protected void toClient(InputStream from, OutputStream to) throws IOException {
        DataInputStream in = new DataInputStream(from);
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(to));
        while (true) {
            int type = in.readUnsignedByte();
            short channel = in.readShort();
            byte[] payload = new byte[in.readInt()];
            in.readFully(payload);
            int end = in.readUnsignedByte();
            if (type == METHOD && ByteBuffer.wrap(payload).getInt() == BASIC_ACK) {
                awaitLetGo();
            }
            out.writeByte(type);
            out.writeShort(channel);
            out.writeInt(payload.length);
            out.write(payload);
            out.writeByte(end);
            out.flush();
        }
    }

    private void awaitLetGo() throws IOException {
        try {
            held.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
