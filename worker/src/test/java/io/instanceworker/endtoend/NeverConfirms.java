package io.instanceworker.endtoend;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/** Before a broker: what it says is lost from its first confirm on, as when it blocks publishers. */
final class NeverConfirms extends Forwarder {

    private static final int METHOD = 1;
    private static final int BASIC_ACK = (60 << 16) | 80;

    NeverConfirms(String host, int port) {
        super(host, port);
        open();
    }

    @Override
    void toClient(InputStream from, OutputStream to) throws IOException {
        DataInputStream in = new DataInputStream(from);
        DataOutputStream out = new DataOutputStream(to);
        while (true) {
            int type = in.readUnsignedByte();
            short channel = in.readShort();
            byte[] payload = new byte[in.readInt()];
            in.readFully(payload);
            int end = in.readUnsignedByte();
            if (type == METHOD && ByteBuffer.wrap(payload).getInt() == BASIC_ACK) {
                copy(in, OutputStream.nullOutputStream());
                return;
            }
            out.writeByte(type);
            out.writeShort(channel);
            out.writeInt(payload.length);
            out.write(payload);
            out.writeByte(end);
        }
    }
}
