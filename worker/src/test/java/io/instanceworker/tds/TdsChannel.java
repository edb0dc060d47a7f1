package io.instanceworker.tds;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** Sends and receives messages, each in one or more packets. [MS-TDS] 2.2.3 */
final class TdsChannel {

    static final int BATCH = 0x01;
    static final int CALL = 0x03;
    static final int ANSWER = 0x04;
    static final int ATTENTION = 0x06;
    static final int LOGIN = 0x10;
    static final int PRELOGIN = 0x12;

    static final int PACKET_SIZE = 4096;

    private static final int HEADER = 8;
    private static final int END_OF_MESSAGE = 0x01;

    static final class Message {
        private final int type;
        private final byte[] bytes;

        private Message(int type, byte[] bytes) {
            this.type = type;
            this.bytes = bytes;
        }

        int type() {
            return type;
        }

        /** Without the headers of the packets. */
        byte[] bytes() {
            return bytes;
        }
    }

    private final Socket socket;
    private DataInputStream in;
    private OutputStream out;

    TdsChannel(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
        this.out = socket.getOutputStream();
    }

    /** The client's next message; null if it has left. */
    @Nullable Message receive() throws IOException {
        return receive(in);
    }

    private static @Nullable Message receive(DataInputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (true) {
            int type = in.read();
            if (type < 0) {
                return null;
            }
            int status = in.readUnsignedByte();
            int length = in.readUnsignedShort() - HEADER;
            in.skipNBytes(Integer.BYTES);
            byte[] content = in.readNBytes(length);
            if (content.length < length) {
                throw new EOFException();
            }
            all.writeBytes(content);
            if ((status & END_OF_MESSAGE) != 0) {
                return new Message(type, all.toByteArray());
            }
        }
    }

    void send(int type, byte[] message) throws IOException {
        send(out, type, message);
    }

    private static void send(OutputStream out, int type, byte[] message) throws IOException {
        ByteArrayOutputStream packets = new ByteArrayOutputStream();
        int from = 0;
        int number = 1;
        do {
            int length = Math.min(message.length - from, PACKET_SIZE - HEADER);
            packets.write(type);
            packets.write(from + length == message.length ? END_OF_MESSAGE : 0);
            packets.write((length + HEADER) >>> 8);
            packets.write(length + HEADER);
            packets.writeBytes(new byte[] {0, 0, (byte) number++, 0});
            packets.write(message, from, length);
            from += length;
        } while (from < message.length);
        out.write(packets.toByteArray());
        out.flush();
    }

    /** From now on everything is encrypted. The handshake itself is carried by messages of the type {@link #PRELOGIN}. */
    void encrypt(SSLContext context) throws IOException {
        Handshake handshake = new Handshake();
        SSLSocket encrypted = (SSLSocket) context.getSocketFactory().createSocket(handshake, null, true);
        encrypted.setUseClientMode(false);
        // After a handshake of a later version the server sends more, which would have no place in a message.
        encrypted.setEnabledProtocols(new String[] {"TLSv1.2"});
        encrypted.startHandshake();
        handshake.end();
        in = new DataInputStream(encrypted.getInputStream());
        out = encrypted.getOutputStream();
    }

    /** The socket below TLS: during the handshake it packs what is written into messages, and unpacks what is read. */
    private final class Handshake extends Socket {

        private final DataInputStream below = in;
        private final ByteArrayOutputStream unsent = new ByteArrayOutputStream();
        private byte[] unread = new byte[0];
        private int at;
        private boolean ended;

        void end() throws IOException {
            sendUnsent();
            ended = true;
        }

        private void sendUnsent() throws IOException {
            if (unsent.size() > 0) {
                send(socket.getOutputStream(), PRELOGIN, unsent.toByteArray());
                unsent.reset();
            }
        }

        @Override
        public InputStream getInputStream() {
            return new InputStream() {
                @Override
                public int read() throws IOException {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
                }

                @Override
                public int read(byte[] target, int offset, int length) throws IOException {
                    if (at < unread.length) {
                        int count = Math.min(length, unread.length - at);
                        System.arraycopy(unread, at, target, offset, count);
                        at += count;
                        return count;
                    }
                    if (ended) {
                        return below.read(target, offset, length);
                    }
                    sendUnsent();
                    Message next = receive(below);
                    if (next == null) {
                        return -1;
                    }
                    unread = next.bytes();
                    at = 0;
                    return read(target, offset, length);
                }
            };
        }

        @Override
        public OutputStream getOutputStream() {
            return new OutputStream() {
                @Override
                public void write(int value) throws IOException {
                    write(new byte[] {(byte) value}, 0, 1);
                }

                @Override
                public void write(byte[] source, int offset, int length) throws IOException {
                    if (ended) {
                        socket.getOutputStream().write(source, offset, length);
                    } else {
                        unsent.write(source, offset, length);
                    }
                }
            };
        }

        @Override
        public boolean isConnected() {
            return socket.isConnected();
        }

        @Override
        public synchronized void close() throws IOException {
            socket.close();
        }
    }

    void close() throws IOException {
        socket.close();
    }
}
