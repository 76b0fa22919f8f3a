// Serves the bench's pages. Every name under .localhost leads here, and each is a site of its own to the browser, so a
// page under a new name starts in a new process: nothing parsed, compiled or optimised earlier is there.

import { createServer } from "node:http";
import path from "node:path";
import { brotliCompressSync } from "node:zlib";

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/**
 * @param {Map<string, string | Uint8Array>} files by path, as "/srp.js"
 * @param {object} [options]
 * @param {boolean} [options.isLikeProduction] whether the files are compressed, and scripts may be cached
 */
export async function serve(files, { isLikeProduction = false } = {}) {
  const compressed = new Map(
    isLikeProduction ? [...files].map(([name, body]) => [name, brotliCompressSync(body)]) : [],
  );
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const body =
      compressed.get(pathname) ??
      files.get(pathname) ??
      (pathname === "/" ? "<!doctype html><title>bench</title>" : undefined);
    response.writeHead(body === undefined ? 404 : 200, {
      "content-type": TYPES[path.extname(pathname) || ".html"] ?? "application/octet-stream",
      "cache-control": isLikeProduction && pathname.endsWith(".js") ? "max-age=31536000, immutable" : "no-store",
      ...(compressed.has(pathname) && { "content-encoding": "br" }),
      // An isolated page has a clock of 5 us instead of 100.
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  return {
    /** The address of a page that this browser has never seen. */
    page: (name) => `http://${name}.localhost:${port}/`,
    close() {
      server.close();
      // The browser keeps its connections open, and close() alone would wait for them.
      server.closeAllConnections();
    },
  };
}
