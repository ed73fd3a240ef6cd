const r = await Bun.build({
  entrypoints: ['cmd/tsrkt/main.ts'], target: 'bun', minify: true, bytecode: true, format: 'esm',
  compile: { outfile: 'dist/tsrkt', autoloadBunfig: false, autoloadDotenv: false, autoloadTsconfig: false, autoloadPackageJson: false },
  plugins: [{ name: 'ffi-addon', setup(b) {
    b.onResolve({ filter: /^@yuuang\/ffi-rs-/ }, (a) => a.path === '@yuuang/ffi-rs-linux-x64-gnu' ? { path: 'addon', namespace: 'addon' } : { path: 'none', namespace: 'addon' });
    b.onLoad({ filter: /.*/, namespace: 'addon' }, (a) => ({ loader: 'js', contents: a.path === 'none' ? 'module.exports={}' :
      `const m={exports:{}};const p=require('node:path');process.dlopen(m,p.join(p.dirname(require('node:fs').readlinkSync('/proc/self/exe')),'ffi-rs.linux-x64-gnu.node'));module.exports=m.exports` }));
  } }],
});
console.log(r.success, r.logs, r.outputs.map(o => [o.path, o.size]));
