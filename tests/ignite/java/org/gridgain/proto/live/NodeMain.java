package org.gridgain.proto.live;

import java.io.IOException;
import org.apache.ignite.IgniteState;
import org.apache.ignite.Ignition;

/**
 * A node that lives no longer than the process that started it.
 *
 * <p>The parent holds the other end of this process's standard input. It closes however the parent
 * ends, kill -9 included, and then this JVM halts.
 */
public final class NodeMain {
    private NodeMain() {
    }

    public static void main(String[] args) {
        Thread watch = new Thread(NodeMain::haltWithParent, "parent-watch");
        watch.setDaemon(true);
        watch.start();

        Ignition.addListener((name, state) -> {
            // The node is gone but its JVM would stay: let the launcher see an ended process.
            if (state == IgniteState.STOPPED_ON_FAILURE || state == IgniteState.STOPPED_ON_SEGMENTATION) {
                System.err.println("Node is gone: " + state);
                Runtime.getRuntime().halt(3);
            }
        });

        try {
            Ignition.start(args[0]);
        }
        catch (Throwable e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(2);
        }
    }

    private static void haltWithParent() {
        try {
            while (System.in.read() >= 0) {
                // Nothing is ever sent; only the end of the stream matters.
            }
        }
        catch (IOException ignored) {
            // As good as the end.
        }
        Runtime.getRuntime().halt(1);
    }
}
