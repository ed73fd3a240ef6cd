/** node-fetch's own entry point, by its file name: see `image/http.ts`. */
declare module 'node-fetch/src/index.js' {
  export * from 'node-fetch';
  export { default } from 'node-fetch';
}
